//! Keys of encryption and authentication: checked, without effect on the simulation.

use crate::config::key::Importance::{High, Low, Medium};
use crate::config::key::Preset::{Null, Text};
use crate::config::key::{Area, Change, Importance, Key, Kind, Preset, Valid};
use crate::config::version::ClientVersion::{V3_1, V3_9, V4_3};

const fn text(name: &'static str, importance: Importance, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Security, name, Kind::String, preset, doc).importance(importance)
}

const fn number(name: &'static str, kind: Kind, preset: &'static str, doc: &'static str) -> Key {
    Key::new(Area::Security, name, kind, Text(preset), doc)
}

const fn list(name: &'static str, importance: Importance, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Security, name, Kind::List, preset, doc)
        .importance(importance)
        .changed(V4_3, Change::Valid(Valid::Distinct))
}

const fn flag(name: &'static str, importance: Importance, doc: &'static str) -> Key {
    Key::new(Area::Security, name, Kind::Boolean, Text("false"), doc).importance(importance)
}

const fn class(name: &'static str, importance: Importance, doc: &'static str) -> Key {
    Key::new(Area::Security, name, Kind::Class, Null, doc).importance(importance)
}

const fn secret(name: &'static str, importance: Importance, doc: &'static str) -> Key {
    Key::new(Area::Security, name, Kind::Password, Null, doc).importance(importance)
}

pub(super) const KEYS: &[Key] = &[
    text("ssl.protocol", Medium, Text("TLS"), "The TLS version to offer.")
        .changed(V3_1, Change::Preset(Text("TLSv1.3"))),
    text("ssl.provider", Medium, Null, "Java's security provider for TLS."),
    list("ssl.cipher.suites", Low, Null, "Cipher suites to offer; all that Java supports if none is given.")
        .changed(V4_3, Change::Preset(Text(""))),
    list(
        "ssl.enabled.protocols",
        Medium,
        Text("TLSv1.2,TLSv1.1,TLSv1"),
        "TLS versions that may be agreed on.",
    )
    .changed(V3_1, Change::Preset(Text("TLSv1.2,TLSv1.3"))),
    text("ssl.keystore.type", Medium, Text("JKS"), "Format of the key store."),
    text("ssl.keystore.location", High, Null, "File with the client's own key and certificate."),
    secret("ssl.keystore.password", High, "Password of the key store."),
    secret("ssl.key.password", High, "Password of the private key in the key store."),
    secret("ssl.keystore.key", High, "The private key itself, in PEM.").since(V3_1),
    secret("ssl.keystore.certificate.chain", High, "The certificate chain itself, in PEM.").since(V3_1),
    secret("ssl.truststore.certificates", High, "Trusted certificates themselves, in PEM.").since(V3_1),
    text("ssl.truststore.type", Medium, Text("JKS"), "Format of the trust store."),
    text("ssl.truststore.location", High, Null, "File with trusted certificates."),
    secret("ssl.truststore.password", High, "Password of the trust store."),
    text("ssl.keymanager.algorithm", Low, Text("SunX509"), "Java's algorithm for choosing keys."),
    text("ssl.trustmanager.algorithm", Low, Text("PKIX"), "Java's algorithm for checking certificates."),
    text(
        "ssl.endpoint.identification.algorithm",
        Low,
        Text("https"),
        "How the broker's host name is compared with its certificate; empty switches that off.",
    ),
    text("ssl.secure.random.implementation", Low, Null, "Java's random number generator for TLS."),
    class("ssl.engine.factory.class", Low, "The class that makes TLS engines.").since(V3_1),
    text("sasl.mechanism", Medium, Text("GSSAPI"), "The SASL mechanism; must not be empty if SASL is used."),
    secret("sasl.jaas.config", Medium, "Login of the client in JAAS syntax, usually with a password."),
    class(
        "sasl.client.callback.handler.class",
        Medium,
        "The class that answers questions of the SASL client.",
    ),
    class("sasl.login.callback.handler.class", Medium, "The class that answers questions during login."),
    class("sasl.login.class", Medium, "The class that logs in and renews tickets or tokens."),
    text("sasl.kerberos.service.name", Medium, Null, "Kerberos name of the brokers' service."),
    text("sasl.kerberos.kinit.cmd", Low, Text("/usr/bin/kinit"), "The program that gets Kerberos tickets."),
    number(
        "sasl.kerberos.ticket.renew.window.factor",
        Kind::Double,
        "0.8",
        "Share of a Kerberos ticket's life after which it is renewed.",
    ),
    number(
        "sasl.kerberos.ticket.renew.jitter",
        Kind::Double,
        "0.05",
        "Random share that is added to the time of renewal.",
    ),
    number(
        "sasl.kerberos.min.time.before.relogin",
        Kind::Long,
        "60000",
        "Shortest time between two Kerberos logins.",
    ),
    number(
        "sasl.login.refresh.window.factor",
        Kind::Double,
        "0.8",
        "Share of a token's life after which it is renewed.",
    )
    .valid(Valid::Fraction(0.5, 1.0)),
    number(
        "sasl.login.refresh.window.jitter",
        Kind::Double,
        "0.05",
        "Random share of a token's life that is added to the time of renewal.",
    )
    .valid(Valid::Fraction(0.0, 0.25)),
    number(
        "sasl.login.refresh.min.period.seconds",
        Kind::Short,
        "60",
        "Shortest time between two renewals of a token.",
    )
    .valid(Valid::Between(0, 900)),
    number(
        "sasl.login.refresh.buffer.seconds",
        Kind::Short,
        "300",
        "Time before a token's end that renewal should leave free.",
    )
    .valid(Valid::Between(0, 3_600)),
    Key::new(
        Area::Security,
        "sasl.login.connect.timeout.ms",
        Kind::Int,
        Null,
        "How long connecting to the provider of tokens may take.",
    )
    .since(V3_1),
    Key::new(
        Area::Security,
        "sasl.login.read.timeout.ms",
        Kind::Int,
        Null,
        "How long the provider of tokens may take to answer.",
    )
    .since(V3_1),
    number("sasl.login.retry.backoff.ms", Kind::Long, "100", "Pause before asking for a token again.")
        .since(V3_1),
    number(
        "sasl.login.retry.backoff.max.ms",
        Kind::Long,
        "10000",
        "The longest pause before asking for a token again.",
    )
    .since(V3_1),
    class("sasl.oauthbearer.jwt.retriever.class", Medium, "The class that gets tokens.").since(V4_3).changed(
        V4_3,
        Change::Preset(Text("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever")),
    ),
    class("sasl.oauthbearer.jwt.validator.class", Medium, "The class that checks tokens.")
        .since(V4_3)
        .changed(
            V4_3,
            Change::Preset(Text("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator")),
        ),
    text("sasl.oauthbearer.scope", Medium, Null, "The scope to ask for with a token.").since(V4_3),
    text(
        "sasl.oauthbearer.client.credentials.client.id",
        Medium,
        Null,
        "The client's name at the provider of tokens.",
    )
    .since(V4_3),
    secret(
        "sasl.oauthbearer.client.credentials.client.secret",
        Medium,
        "The client's secret at the provider of tokens.",
    )
    .since(V4_3),
    text("sasl.oauthbearer.assertion.algorithm", Medium, Text("RS256"), "How assertions are signed.")
        .valid(Valid::OneOfAnyCase(&["ES256", "RS256"]))
        .since(V4_3),
    text("sasl.oauthbearer.assertion.claim.aud", Medium, Null, "Audience that assertions name.").since(V4_3),
    number(
        "sasl.oauthbearer.assertion.claim.exp.seconds",
        Kind::Int,
        "300",
        "How long assertions are valid.",
    )
    .valid(Valid::Between(0, 86_400))
    .since(V4_3),
    text("sasl.oauthbearer.assertion.claim.iss", Medium, Null, "Issuer that assertions name.").since(V4_3),
    flag(
        "sasl.oauthbearer.assertion.claim.jti.include",
        Medium,
        "Gives each assertion an identity of its own.",
    )
    .since(V4_3),
    number(
        "sasl.oauthbearer.assertion.claim.nbf.seconds",
        Kind::Int,
        "60",
        "How long before their making assertions are already valid.",
    )
    .valid(Valid::Between(0, 3_600))
    .since(V4_3),
    text("sasl.oauthbearer.assertion.claim.sub", Medium, Null, "Subject that assertions name.").since(V4_3),
    text("sasl.oauthbearer.assertion.file", Medium, Null, "File with a finished assertion.").since(V4_3),
    text(
        "sasl.oauthbearer.assertion.private.key.file",
        Medium,
        Null,
        "File with the private key that signs assertions.",
    )
    .since(V4_3),
    secret(
        "sasl.oauthbearer.assertion.private.key.passphrase",
        Medium,
        "Password of the private key that signs assertions.",
    )
    .since(V4_3),
    text("sasl.oauthbearer.assertion.template.file", Medium, Null, "File with fixed parts of assertions.")
        .since(V4_3),
    text(
        "sasl.oauthbearer.scope.claim.name",
        Low,
        Text("scope"),
        "The claim of a token that holds its scope.",
    )
    .since(V3_1),
    text("sasl.oauthbearer.sub.claim.name", Low, Text("sub"), "The claim of a token that holds its subject.")
        .since(V3_1),
    text("sasl.oauthbearer.token.endpoint.url", Medium, Null, "Where tokens are had.").since(V3_1),
    text("sasl.oauthbearer.jwks.endpoint.url", Medium, Null, "Where the keys that sign tokens are had.")
        .since(V3_1),
    number(
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        Kind::Long,
        "3600000",
        "How often the keys that sign tokens are fetched anew.",
    )
    .since(V3_1),
    number(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        Kind::Long,
        "100",
        "Pause before fetching those keys again.",
    )
    .since(V3_1),
    number(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        Kind::Long,
        "10000",
        "The longest pause before fetching those keys again.",
    )
    .since(V3_1),
    number(
        "sasl.oauthbearer.clock.skew.seconds",
        Kind::Int,
        "30",
        "Difference between the clocks of client and provider that is forgiven.",
    )
    .since(V3_1),
    list("sasl.oauthbearer.expected.audience", Low, Null, "Audiences that a token may name.")
        .since(V3_1)
        .changed(V4_3, Change::Preset(Text(""))),
    text("sasl.oauthbearer.expected.issuer", Low, Null, "Issuer that a token must name.").since(V3_1),
    flag("sasl.oauthbearer.header.urlencode", Low, "Encodes the client's name and secret for URLs.")
        .since(V3_9),
];
