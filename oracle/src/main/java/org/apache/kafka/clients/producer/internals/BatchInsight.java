package org.apache.kafka.clients.producer.internals;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import lingersim.oracle.app.Completion;
import org.apache.kafka.common.TopicPartition;

/** What a trace tells about a batch and only the client knows. Lives here for the sake of package-private members. */
public final class BatchInsight {
    private static final Field THUNKS = field(ProducerBatch.class, "thunks");
    /** By the class that has it: releases wrap the application's callback in different ways. */
    private static final Map<Class<?>, Field> CALLBACKS = new ConcurrentHashMap<>();

    private BatchInsight() {}

    public static TopicPartition partition(ProducerBatch batch) {
        return batch.topicPartition;
    }

    public static int attempts(ProducerBatch batch) {
        return batch.attempts();
    }

    /** Numbers of its first and last record, in the order of appends. */
    public static List<Long> firstAndLastRecord(ProducerBatch batch) {
        List<?> thunks = (List<?>) get(THUNKS, batch);
        return List.of(record(thunks.get(0)), record(thunks.get(thunks.size() - 1)));
    }

    private static long record(Object thunk) {
        Object callback = get(CALLBACKS.computeIfAbsent(thunk.getClass(), type -> field(type, "callback")), thunk);
        while (!(callback instanceof Completion)) {
            callback = get(CALLBACKS.computeIfAbsent(callback.getClass(), type -> field(type, "userCallback")), callback);
        }
        return ((Completion) callback).record();
    }

    static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException missing) {
            throw new IllegalStateException("this release has no " + type.getSimpleName() + "." + name, missing);
        }
    }

    static Object get(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
