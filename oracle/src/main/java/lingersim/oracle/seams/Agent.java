package lingersim.oracle.seams;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;

/** Installs {@link Seams} before the first class of the client is loaded. */
public final class Agent {
    private Agent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte[] transform(ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
                return Seams.of(name).map(seams -> Rewriter.rewrite(bytes, seams)).orElse(null);
            }
        });
    }
}
