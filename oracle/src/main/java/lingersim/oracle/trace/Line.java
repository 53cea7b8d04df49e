package lingersim.oracle.trace;

import java.util.Iterator;
import java.util.List;

/** One line of a trace: a JSON object that is written from left to right. */
public final class Line {
    private final StringBuilder text = new StringBuilder("{");

    /** An event at a time. */
    public static Line at(long t, String event) {
        return new Line().put("t", t).put("ev", event);
    }

    private void key(String key) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(key);
        text.append(':');
    }

    public Line put(String key, long value) {
        key(key);
        text.append(value);
        return this;
    }

    /** A text, or null. */
    public Line put(String key, String value) {
        key(key);
        value(value);
        return this;
    }

    /** Numbers, texts, lists and lines. */
    public Line put(String key, List<?> values) {
        key(key);
        value(values);
        return this;
    }

    public Line put(String key, Line value) {
        key(key);
        value(value);
        return this;
    }

    /** Not a number is null, integers have no fraction. */
    public Line put(String key, double value) {
        key(key);
        if (Double.isNaN(value)) {
            text.append("null");
        } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            text.append((long) value);
        } else {
            text.append(value);
        }
        return this;
    }

    private void value(Object value) {
        if (value instanceof String string) {
            quote(string);
        } else if (value instanceof List<?> list) {
            text.append('[');
            for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
                value(each.next());
                text.append(each.hasNext() ? "," : "");
            }
            text.append(']');
        } else {
            text.append(value);
        }
    }

    private void quote(String string) {
        text.append('"');
        for (int at = 0; at < string.length(); at++) {
            char c = string.charAt(at);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    /** The finished object. */
    @Override
    public String toString() {
        return text + "}";
    }
}
