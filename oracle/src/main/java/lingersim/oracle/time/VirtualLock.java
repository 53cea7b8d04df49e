package lingersim.oracle.time;

import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The lock of the buffer pool. Only one thread runs at a time, so there is nothing to lock; its conditions yield. */
public final class VirtualLock extends ReentrantLock {
    @Override
    public void lock() {}

    @Override
    public void unlock() {}

    @Override
    public Condition newCondition() {
        return new Signal();
    }

    /** A wait for memory. */
    private static final class Signal implements Condition {
        private boolean signalled;

        @Override
        public boolean await(long time, TimeUnit unit) {
            if (time <= 0) {
                return false;
            }
            Actor actor = Actor.current();
            signalled = false;
            actor.blocked("buffer");
            actor.pause(() -> signalled, actor.after(unit.toMillis(time)));
            actor.unblocked();
            return signalled;
        }

        @Override
        public void signal() {
            signalled = true;
        }

        @Override
        public void signalAll() {
            signalled = true;
        }

        @Override
        public void await() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void awaitUninterruptibly() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long awaitNanos(long nanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean awaitUntil(Date deadline) {
            throw new UnsupportedOperationException();
        }
    }
}
