package io.duplex.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the {@code duplex} command. */
@Command(
        name = "duplex",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "",
        description = "WebSockets from the command line.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Examples:",
            "  duplex demo                                a page to try in the browser",
            "  duplex serve --port 9001 --io io_uring     a server with /echo on io_uring",
            "  duplex connect ws://127.0.0.1:9001/echo    lines in, messages out",
            "  duplex COMMAND --help                      all options of a command",
            "",
            "Exit status: 0 done, 1 failed, 64 wrong usage; 143 and 130 after SIGTERM and Ctrl+C."
                    + " A command that has others names them in its own help.",
            "",
            "DUPLEX_OPTS holds options for the JVM; -Djava.util.logging.config.file=FILE there replaces the quiet log."
        })
public final class Main implements Runnable {
    /** Wrong usage; 2 is taken, because a failed handshake has it. */
    static final int USAGE = 64;

    private static final int HELP_COLUMNS = 100;
    private static final Set<String> SERVERS = Set.of("demo", "serve");
    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            ServeCommand.class,
            ConnectCommand.class,
            EchoClientCommand.class,
            BenchCommand.class,
            CompareCommand.class);
    /** Whether Netty tells Java Flight Recorder of its buffers, for which it loads all of JFR: a seventh of the start. */
    private static final String NETTY_EVENTS = "io.netty.jfr.enabled";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit status.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        QuietLog.install();
        if (System.getProperty(NETTY_EVENTS) == null) {
            System.setProperty(NETTY_EVENTS, "false");
        }
        System.exit(commandLine(args).execute(args));
    }

    /**
     * The command line.
     *
     * @param args what it is for: if they name a command, the others are left out, whose options take time to read
     */
    static CommandLine commandLine(String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        COMMANDS.stream().filter(each -> isNamed(each, args)).forEach(commandLine::addSubcommand);
        if (commandLine.getSubcommands().isEmpty()) {
            COMMANDS.forEach(commandLine::addSubcommand);
        }
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpWidth(HELP_COLUMNS);
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Main::commandList);
        for (CommandLine each : withSubcommands(commandLine)) {
            each.getCommandSpec().exitCodeOnInvalidInput(USAGE);
            each.getCommandSpec().usageMessage().abbreviateSynopsis(true).sortOptions(false);
        }
        commandLine.setParameterExceptionHandler((wrong, arguments) -> {
            String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
            complain(wrong.getCommandLine(), describe(wrong) + "; " + name + " --help tells more");
            return USAGE;
        });
        commandLine.setExecutionExceptionHandler((fault, command, parsed) -> {
            complain(command, Faults.describe(fault));
            return 1;
        });
        return commandLine;
    }

    private static boolean isNamed(Class<?> command, String... args) {
        return args.length > 0 && command.getAnnotation(Command.class).name().equals(args[0]);
    }

    /** What is wrong, with what may have been meant. */
    private static @Nullable String describe(ParameterException wrong) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)) {
            return wrong.getMessage();
        }
        String word = unmatched.getUnmatched().get(0);
        boolean isOption = word.startsWith("-");
        boolean isCommand =
                !isOption && !wrong.getCommandLine().getSubcommands().isEmpty();
        List<String> meant = unmatched.getSuggestions();
        return (isOption ? "there is no option '" : isCommand ? "there is no command '" : "nothing takes '")
                + Faults.printable(word) + "'"
                + (meant.isEmpty() ? "" : "; did you mean " + String.join(" or ", meant) + "?");
    }

    private static void complain(CommandLine command, String what) {
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + what);
    }

    private static List<CommandLine> withSubcommands(CommandLine commandLine) {
        List<CommandLine> all = new ArrayList<>(commandLine.getSubcommands().values());
        all.add(commandLine);
        return all;
    }

    /** The subcommands under a heading for each side. */
    private static String commandList(Help help) {
        StringBuilder servers = new StringBuilder(256);
        StringBuilder clients = new StringBuilder(256);
        help.subcommands().forEach((name, command) -> {
            String[] description = command.commandSpec().usageMessage().description();
            StringBuilder side = SERVERS.contains(name) ? servers : clients;
            side.append(String.format("  %-13s%s%n", name, description[0]));
        });
        return String.format("%nServers:%n%s%nClients:%n%s", servers, clients);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The version of the jar that runs. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"duplex " + (version == null ? "(not from its jar)" : version)};
        }
    }
}
