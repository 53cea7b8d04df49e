//! What holds of serializers for any object.

use lingersim::scenario::load::from_text;
use lingersim::serializer::datum::Datum;
use lingersim::serializer::headers::Headers;
use lingersim::serializer::wire_format::{
    read_message_indexes, read_schema_id, write_message_indexes, write_schema_id,
};
use lingersim::serializer::{Serialized, classes, producer_serializer::ProducerSerializer};
use proptest::prelude::*;

/// The bytes that a class without settings makes.
fn bytes(class: &str, datum: Datum) -> Vec<u8> {
    let mut serializer = classes::configured(class, true, &|_| None).expect("a class");
    let mut out = Vec::new();
    let outcome = serializer.serialize("t", &mut Headers::new(), &datum, &mut out);
    assert_eq!(outcome, Ok(Serialized::Bytes), "{class} of {datum:?}");
    out
}

fn fixed<const N: usize>(class: &str, datum: Datum) -> [u8; N] {
    bytes(class, datum).try_into().expect("the length of the type")
}

fn any_datum() -> impl Strategy<Value = Datum> {
    let leaf = prop_oneof![
        Just(Datum::Null),
        any::<Vec<u8>>().prop_map(Datum::Bytes),
        any::<String>().prop_map(Datum::Text),
        any::<Vec<u16>>().prop_map(Datum::Utf16),
        any::<bool>().prop_map(Datum::Bool),
        any::<i16>().prop_map(Datum::Short),
        any::<i32>().prop_map(Datum::Int),
        any::<i64>().prop_map(Datum::Long),
        any::<f32>().prop_map(Datum::Float),
        any::<f64>().prop_map(Datum::Double),
        any::<u128>().prop_map(Datum::Uuid),
        any::<f64>().prop_map(|value| Datum::Json(value.into())),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| prop::collection::vec(inner, 0..5).prop_map(Datum::List))
}

proptest! {
    #[test]
    fn integers_are_big_endian(short: i16, int: i32, long: i64) {
        prop_assert_eq!(i16::from_be_bytes(fixed("ShortSerializer", Datum::Short(short))), short);
        prop_assert_eq!(i32::from_be_bytes(fixed("IntegerSerializer", Datum::Int(int))), int);
        prop_assert_eq!(i64::from_be_bytes(fixed("LongSerializer", Datum::Long(long))), long);
    }

    #[test]
    fn floats_are_their_bits_big_endian(float: u32, double: u64) {
        let (float, double) = (f32::from_bits(float), f64::from_bits(double));
        let written: [u8; 4] = fixed("FloatSerializer", Datum::Float(float));
        prop_assert_eq!(u32::from_be_bytes(written), float.to_bits());
        let written = f64::from_be_bytes(fixed("DoubleSerializer", Datum::Double(double)));
        prop_assert!(written.to_bits() == double.to_bits() || written.is_nan() && double.is_nan());
    }

    #[test]
    fn a_uuid_is_its_text(uuid: u128) {
        let text = String::from_utf8(bytes("UUIDSerializer", Datum::Uuid(uuid))).expect("text");
        prop_assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        prop_assert_eq!(u128::from_str_radix(&text.replace('-', ""), 16), Ok(uuid));
    }

    #[test]
    fn text_is_utf_8_however_it_is_given(text: String) {
        let units = text.encode_utf16().collect();
        prop_assert_eq!(bytes("StringSerializer", Datum::Utf16(units)), text.as_bytes());
        prop_assert_eq!(bytes("StringSerializer", Datum::Text(text.clone())), text.as_bytes());
    }

    #[test]
    fn json_is_read_as_what_it_was(fields: std::collections::BTreeMap<String, f64>, text: String) {
        let value = serde_json::json!({"fields": fields, "text": text, "list": [null, true, u64::MAX, i64::MIN]});
        let written = bytes("JsonSerializer", Datum::Json(value.clone()));
        prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&written).expect("JSON"), value);
    }

    #[test]
    fn the_wire_format_is_read_as_it_was_written(id: i32, indexes in prop::collection::vec(any::<i32>(), 1..9)) {
        let mut out = Vec::new();
        write_schema_id(id, &mut out);
        write_message_indexes(&indexes, &mut out);
        out.extend_from_slice(b"payload");
        let (read_id, rest) = read_schema_id(&out).expect("an id");
        let (read_indexes, payload) = read_message_indexes(rest).expect("indexes");
        prop_assert_eq!((read_id, read_indexes, payload), (id, indexes, &b"payload"[..]));
    }

    #[test]
    fn any_bytes_are_in_the_wire_format_or_an_error(bytes: Vec<u8>) {
        if let Ok((id, rest)) = read_schema_id(&bytes) {
            prop_assert_eq!(&bytes[1..5], id.to_be_bytes());
            prop_assert_eq!(&bytes[5..], rest);
        }
        if let Ok((indexes, rest)) = read_message_indexes(&bytes) {
            prop_assert!(!indexes.is_empty() && bytes.ends_with(rest) && rest.len() < bytes.len());
        }
    }

    /// Every serializer takes or refuses every object; what it refuses leaves nothing behind, and a null stays a null.
    #[test]
    fn an_object_is_bytes_or_null_or_an_exception(datum in any_datum()) {
        let serde = "org.apache.kafka.common.serialization.Serdes$IntegerSerde";
        for class in classes::full_names() {
            let settings = |key: &str| match key {
                "value.serializer" => Some(class.as_str()),
                "default.list.value.serde.inner" => Some(serde),
                _ => None,
            };
            let mut serializer = ProducerSerializer::configured(false, &settings).expect("a serializer");
            let mut out = vec![7];
            match serializer.serialize("t", &mut Headers::new(), &datum, &mut out) {
                Ok(Serialized::Null) => prop_assert!(datum == Datum::Null && out == [7]),
                Ok(Serialized::Bytes) => prop_assert!(datum != Datum::Null && out.starts_with(&[7])),
                Err(error) => {
                    prop_assert_eq!(error.class, "SerializationException");
                    prop_assert_eq!(out, [7]);
                }
            }
        }
    }
}

/// What is noted of a scenario whose producer has these keys.
fn notes(keys: &str) -> Vec<String> {
    let text = format!("[workload.payload]\ntemplate = 'x{{{{seq}}}}'\n[producer]\n{keys}");
    from_text("test", text.clone()).unwrap_or_else(|error| panic!("{text}\n{error}")).notes
}

#[test]
fn settings_that_a_serializer_reads_are_not_said_to_have_no_effect() {
    let encoding = "\"value.serializer.encoding\" = \"UTF-16\"\n";
    let note = "keys of serializers and interceptors have no effect here: value.serializer.encoding";
    for (serializer, is_read) in
        [("StringSerializer", true), ("com.example.OwnSerializer", false), ("ByteArraySerializer", false)]
    {
        let notes = notes(&format!("{encoding}\"value.serializer\" = \"{serializer}\"\n"));
        assert_eq!(notes.iter().any(|told| told.ends_with(note)), !is_read, "{serializer}: {notes:?}");
    }
    let of_registry = notes("\"auto.register.schemas\" = false\n\"max.retries\" = 0\n");
    assert!(
        of_registry.iter().any(|told| told.ends_with("auto.register.schemas, max.retries")),
        "{of_registry:?}"
    );
}
