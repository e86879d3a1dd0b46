# Runs one round of the Autobahn TestSuite, under Jython 2.7 (Python 2).
#
#   suite.py client|server URL OUT INCLUDE EXCLUDE
#
# client: the suite's fuzzing client tests the server at URL. server: its fuzzing server listens at URL, on the loopback
# address, until it is killed. The system property autobahn.suite names the folder that the suite was unpacked to. INCLUDE and
# EXCLUDE are patterns of case ids, separated by commas. The suite's own reports go to the folder OUT; for the caller there are
# these lines on the standard output:
#
#   CASE id                                    once for each case that was chosen, before the first one runs
#   RESULT id, behavior, close behavior, code  when a case has ended; separated by tabs
import sys

from java.lang import System

sys.path.insert(0, System.getProperty("autobahn.suite"))

from autobahntestsuite import fuzzing
from twisted.internet import main, reactor, task, tcp
from twisted.python import failure, log

AGENT = "duplex"


def say(*words):
    sys.stdout.write("\t".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def show_errors(event):
    """Twisted swallows what callbacks raise, unless somebody looks."""
    if event.get("isError"):
        trouble = event.get("failure")
        say("ERROR", trouble.getTraceback() if trouble else event.get("message"))


def announce_cases(factory):
    built = factory.__init__

    def init(self, *args, **kwargs):
        built(self, *args, **kwargs)
        for case in self.specCases:
            say("CASE", case)

    factory.__init__ = init


def announce_results(factory):
    logged = factory.logCase

    def log_case(self, result):
        logged(self, result)
        say("RESULT", result["id"], result["behavior"], result["behaviorClose"], result["remoteCloseCode"])

    factory.logCase = log_case


def survive_lost_handshakes(protocol):
    """A connection that ends inside its opening handshake makes the bookkeeping raise, and the run would stop there."""
    lost = protocol.connectionLost

    def connection_lost(self, reason):
        try:
            lost(self, reason)
        except Exception, trouble:
            say("ERROR", "no result for case %s: %r" % (self.case, trouble))

    protocol.connectionLost = connection_lost


def end_reset_connections():
    """Jython's select never reports a socket that the peer has reset, so one with bytes to flush would stay for ever."""
    for transport in set(reactor.getReaders() + reactor.getWriters()):
        if isinstance(transport, tcp.Connection) and transport.connected and transport.disconnecting:
            channel = getattr(getattr(transport.socket, "_sock", None), "channel", None)
            if channel is not None and not channel.isOpen():
                reactor.removeReader(transport)
                reactor.removeWriter(transport)
                transport.connectionLost(failure.Failure(main.CONNECTION_LOST))


def listen_on_loopback_only():
    listen = reactor.listenTCP

    def listen_tcp(port, factory, backlog=50, interface=""):
        if port != NO_WEB_PAGES:
            return listen(port, factory, backlog, "127.0.0.1")

    reactor.listenTCP = listen_tcp


NO_WEB_PAGES = -1
mode, url, out, include, exclude = sys.argv[1:]
spec = {
    # The peer may drop TCP only after the closing handshake.
    "options": {"failByDrop": False},
    "outdir": out,
    "cases": include.split(","),
    "exclude-cases": [pattern for pattern in exclude.split(",") if pattern],
    "exclude-agent-cases": {},
}
log.addObserver(show_errors)
announce_results(fuzzing.FuzzingFactory)
task.LoopingCall(end_reset_connections).start(0.05, now=False)
if mode == "client":
    announce_cases(fuzzing.FuzzingClientFactory)
    survive_lost_handshakes(fuzzing.FuzzingClientProtocol)
    spec["servers"] = [{"agent": AGENT, "url": url}]
    fuzzing.startClient(spec)
else:
    announce_cases(fuzzing.FuzzingServerFactory)
    survive_lost_handshakes(fuzzing.FuzzingServerProtocol)
    listen_on_loopback_only()
    spec["url"] = url
    spec["webport"] = NO_WEB_PAGES
    fuzzing.startServer(spec)
    say("LISTENING")
reactor.run()
System.exit(0)
