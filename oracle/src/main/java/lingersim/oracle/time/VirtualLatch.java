package lingersim.oracle.time;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A latch that is waited for in virtual time. The waiting thread's operation says why it waits. */
public final class VirtualLatch extends CountDownLatch {
    public VirtualLatch(int count) {
        super(count);
    }

    @Override
    public void await() {
        await(Actor.NEVER, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean await(long timeout, TimeUnit unit) {
        if (isOpen()) {
            return true;
        }
        Actor actor = Actor.current();
        actor.blocked(actor.operation());
        actor.pause(this::isOpen, actor.after(unit.toMillis(timeout)));
        return isOpen();
    }

    private boolean isOpen() {
        return getCount() == 0;
    }
}
