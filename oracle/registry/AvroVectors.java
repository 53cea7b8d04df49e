import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Fills in what the real Avro says: pairs of schemas, single schemas, values. Rewrites the file it is given. */
public final class AvroVectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        for (String name : args) {
            Path path = Path.of(name);
            ArrayNode cases = (ArrayNode) JSON.readTree(path.toFile());
            StringBuilder text = new StringBuilder("[\n");
            for (int i = 0; i < cases.size(); i++) {
                ObjectNode one = (ObjectNode) cases.get(i);
                fill(one);
                text.append(JSON.writeValueAsString(one)).append(i + 1 < cases.size() ? ",\n" : "\n");
            }
            Files.writeString(path, text.append("]\n"));
        }
    }

    private static void fill(ObjectNode one) {
        if (one.has("reader")) {
            one.set("differences", differences(parse(one.get("reader")), parse(one.get("writer"))));
        } else if (one.has("value")) {
            one.put("bytes", bytes(parse(one.get("schema")), one.get("value")));
        } else {
            one.put("canonical", canonical(one.get("schema")));
        }
    }

    private static Schema parse(JsonNode schema) {
        Schema.Parser parser = new Schema.Parser(NameValidator.STRICT_VALIDATOR);
        parser.setValidateDefaults(true);
        return parser.parse(schema.toString());
    }

    private static String canonical(JsonNode schema) {
        try {
            return parse(schema).toString();
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static ArrayNode differences(Schema reader, Schema writer) {
        ArrayNode differences = JSON.createArrayNode();
        try {
            SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities()
                .forEach(d -> differences.add(d.getType() + " at " + d.getLocation() + ": " + d.getMessage()));
        } catch (RuntimeException e) {
            differences.add("throws");
        }
        return differences;
    }

    private static String bytes(Schema schema, JsonNode value) {
        try {
            Object datum = new GenericDatumReader<>(schema)
                .read(null, DecoderFactory.get().jsonDecoder(schema, value.toString()));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new GenericDatumWriter<>(schema).write(datum, encoder);
            encoder.flush();
            return HexFormat.of().formatHex(out.toByteArray());
        } catch (Exception e) {
            return null;
        }
    }
}
