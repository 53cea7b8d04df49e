package lingersim.oracle;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lingersim.oracle.script.Script;

/** The command line: traces of the real client for scripts. */
public final class Main {
    private static final String SCRIPT = ".script.json";
    private static final String TRACE = ".trace.jsonl";
    private static final String USAGE = """
        usage: oracle/run CLIENT trace SCRIPT...    traces to standard output
               oracle/run CLIENT golden DIR OUT     regenerates the trace of each script under DIR into OUT
               oracle/run CLIENT serve              reads lines SCRIPT<TAB>TRACE, answers ok or a problem""";

    private final String client;

    private Main(String client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        Main main = new Main(words.get(0));
        String command = words.size() > 1 ? words.get(1) : "";
        List<String> rest = words.subList(Math.min(2, words.size()), words.size());
        if (command.equals("trace") && !rest.isEmpty()) {
            for (String script : rest) {
                System.out.print(main.trace(Path.of(script)));
            }
        } else if (command.equals("golden") && rest.size() == 2) {
            System.exit(main.golden(Path.of(rest.get(0)), Path.of(rest.get(1))));
        } else if (command.equals("serve") && rest.isEmpty()) {
            main.serve();
        } else {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.exit(0);
    }

    private String trace(Path file) throws IOException, InterruptedException {
        Script script = Script.read(file);
        if (!script.client().equals(client)) {
            throw new IllegalArgumentException("a script of client " + script.client() + ", this is " + client);
        }
        if (script.isTransactional()) {
            throw new IllegalArgumentException("transactions are not supported");
        }
        return Run.trace(script);
    }

    /** Copies scripts and writes their traces, so that both folders can be compared; 1 if there are problems. */
    private int golden(Path from, Path to) throws IOException, InterruptedException {
        List<Path> scripts;
        try (Stream<Path> files = Files.walk(from)) {
            scripts = files.filter(file -> file.toString().endsWith(SCRIPT)).sorted().toList();
        }
        int problems = 0;
        for (Path script : scripts) {
            Path copy = to.resolve(from.relativize(script));
            Files.createDirectories(copy.getParent());
            Files.write(copy, Files.readAllBytes(script));
            try {
                Files.writeString(Path.of(copy.toString().replace(SCRIPT, TRACE)), trace(script));
            } catch (RuntimeException problem) {
                problems++;
                System.err.println(script + ": " + describe(problem));
            }
        }
        return problems == 0 ? 0 : 1;
    }

    private void serve() throws IOException, InterruptedException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            System.out.println(answer(line));
            System.out.flush();
        }
    }

    private String answer(String line) throws InterruptedException {
        String[] files = line.split("\t");
        if (files.length != 2) {
            return "not SCRIPT<TAB>TRACE: " + line;
        }
        try {
            Files.writeString(Path.of(files[1]), trace(Path.of(files[0])));
            return "ok";
        } catch (IOException | RuntimeException problem) {
            return describe(problem);
        }
    }

    /** In one line, with the causes that the client gives. */
    private static String describe(Throwable problem) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            text.append(text.isEmpty() ? "" : ": ").append(cause.getClass().getSimpleName()).append(' ').append(cause.getMessage());
        }
        return text.toString().replaceAll("\\s+", " ");
    }
}
