package lingersim.oracle.seams;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Redirects the seams of one class. */
final class Rewriter extends ClassVisitor {
    private static final String HOOKS = "lingersim/oracle/seams/Hooks";

    private final Seams.OfClass seams;

    private Rewriter(ClassVisitor next, Seams.OfClass seams) {
        super(Opcodes.ASM9, next);
        this.seams = seams;
    }

    static byte[] rewrite(byte[] bytes, Seams.OfClass seams) {
        ClassReader reader = new ClassReader(bytes);
        // No redirection needs more stack than the code has: a receiver takes the place of a receiver.
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(new Rewriter(writer, seams), 0);
        return writer.toByteArray();
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
        MethodVisitor visitor = new Code(super.visitMethod(access, name, descriptor, signature, exceptions));
        for (Seams.Method method : seams.methods()) {
            if (method.name().equals(name)) {
                visitor = new Announced(visitor, method, descriptor);
            }
        }
        return visitor;
    }

    private final class Code extends MethodVisitor {
        Code(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            super.visitTypeInsn(opcode, opcode == Opcodes.NEW ? constructed(type) : type);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (opcode == Opcodes.INVOKESPECIAL) {
                super.visitMethodInsn(opcode, name.equals("<init>") ? constructed(owner) : owner, name, descriptor, isInterface);
                return;
            }
            for (Seams.Call call : seams.calls()) {
                if (call.owner().equals(owner) && call.name().equals(name)) {
                    String hooked = opcode == Opcodes.INVOKESTATIC ? descriptor : "(" + receiver(owner) + descriptor.substring(1);
                    super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, call.hook(), hooked, false);
                    return;
                }
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }

        /** Hooks know threads of any kind as threads. */
        private String receiver(String owner) {
            return owner.endsWith("Thread") ? "Ljava/lang/Thread;" : "L" + owner + ";";
        }

        private String constructed(String type) {
            for (Seams.Construction construction : seams.constructions()) {
                if (construction.from().equals(type)) {
                    return construction.to();
                }
            }
            return type;
        }
    }

    private static final class Announced extends MethodVisitor {
        private final Seams.Method method;
        private final Type[] arguments;

        Announced(MethodVisitor next, Seams.Method method, String descriptor) {
            super(Opcodes.ASM9, next);
            this.method = method;
            this.arguments = Type.getArgumentTypes(descriptor);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            if (method.lastArgument()) {
                int slot = 1;
                for (int at = 0; at < arguments.length - 1; at++) {
                    slot += arguments[at].getSize();
                }
                Type last = arguments[arguments.length - 1];
                super.visitVarInsn(Opcodes.ALOAD, slot);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, method.entry(), "(" + last.getDescriptor() + ")V", false);
            } else {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, method.entry(), "()V", false);
            }
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.RETURN && method.exit() != null) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, HOOKS, method.exit(), "()V", false);
            }
            super.visitInsn(opcode);
        }
    }
}
