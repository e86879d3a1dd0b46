package io.duplex.polling;

import io.duplex.connection.TimerWheel;
import io.duplex.polling.EventReader.Event;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Streams of server-sent events, one after the other. Confined to the session's loop. */
final class ClientStream implements ClientCarrier {
    /** A stream whose first event has not come by then is held to be buffered by something on the way. */
    static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The server's comments come three times as often. */
    private static final long SILENCE_NANOS = 3 * StreamCarrier.COMMENT_NANOS;

    private static final String EVENTS = "text/event-stream";

    private final ClientSession session;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private boolean stopped;
    private long turn;
    /** {@code null} before the first request. */
    private @Nullable StreamBody body;

    private EventReader events;
    private boolean probed;
    /** The last packet that had come when the stream began. */
    private long receivedBefore;

    /** {@code null} before the first request. */
    private @Nullable Future<?> exchange;

    /** Whether the next piece waits for the handler to take messages. */
    private boolean held;

    private @Nullable CarrierFailure fault;

    ClientStream(ClientSession session) {
        this.session = session;
        this.events = reader();
    }

    private EventReader reader() {
        return new EventReader(session.maxEventBytes(), this::onEvent);
    }

    @Override
    public void start() {
        open(session.reserveTurn());
    }

    private void open(long ofTurn) {
        turn = ofTurn;
        receivedBefore = session.received();
        events = reader();
        probed = false;
        held = false;
        StreamBody reading = new StreamBody(session.loop(), this::onBytes, this::onEnd);
        body = reading;
        session.loop().timers().schedule(timer, PROBE_NANOS);
        exchange = session.stream(this, turn, head -> {
            boolean isStream = head.statusCode() == 200
                    && head.headers().firstValue("Content-Type").orElse("").startsWith(EVENTS);
            return isStream ? reading : closed();
        });
    }

    private StreamBody closed() {
        StreamBody unwanted = new StreamBody(session.loop(), pieces -> {}, () -> {});
        unwanted.cancel();
        return unwanted;
    }

    /** The head of the answer has come, or none will. */
    @SuppressWarnings("ReferenceEquality") // this body
    void onHead(long ofTurn, @Nullable HttpResponse<StreamBody> answer) {
        if (stopped || ofTurn != turn) {
            return;
        }
        if (answer == null) {
            fail(CarrierFailure.of("the request failed"));
        } else if (answer.statusCode() == 409) {
            giveWay();
        } else if (answer.statusCode() == 204) {
            fail(CarrierFailure.gone("the session has ended"));
        } else if (answer.statusCode() != 200) {
            fail(CarrierFailure.of(answer));
        } else if (answer.body() != body) {
            fail(CarrierFailure.of("the answer is no stream of events"));
        }
    }

    private void onBytes(List<ByteBuffer> pieces) {
        if (probed) {
            session.loop().timers().schedule(timer, SILENCE_NANOS);
        }
        for (ByteBuffer piece : pieces) {
            if (!events.read(piece) && !stopped) {
                session.failAsTooBig();
                fault = CarrierFailure.of("an event is too long");
            }
            if (fault != null && !stopped) {
                fail(fault);
            }
            if (stopped) {
                return;
            }
        }
        held = !session.isReading();
        if (held) {
            session.loop().timers().cancel(timer);
        } else if (body != null) {
            body.next();
        }
    }

    private void onEvent(Event event) {
        if (stopped || fault != null) {
            return;
        }
        if (event.type().equals("probe")) {
            if (!probed) {
                probed = true;
                session.passTurn(turn);
                session.loop().timers().schedule(timer, SILENCE_NANOS);
                session.works(this);
            }
        } else if (event.type().equals("message")) {
            Block block = block(event);
            fault = block == null ? CarrierFailure.of("the server's event is no packet") : session.take(block);
        }
    }

    /** The block that an event stands for; {@code null} if it stands for none. */
    private static @Nullable Block block(Event event) {
        ByteBuffer payload = event.data();
        long number = Query.numberOf(event.id());
        if (!payload.hasRemaining() || number < 1) {
            return null;
        }
        byte letter = payload.get();
        Kind kind = letter == EventText.ENCODED_TEXT ? Kind.TEXT : Kind.of(letter);
        if (kind == null) {
            return null;
        }
        if (letter != Kind.TEXT.letter()) {
            try {
                payload = Base64.getDecoder().decode(payload);
            } catch (IllegalArgumentException notBase64) {
                return null;
            }
        }
        Packet packet = new Packet(kind, payload);
        ByteBuffer bytes = ByteBuffer.allocate(Packet.HEADER_BYTES + packet.length());
        packet.writeTo(bytes);
        return new Block(0, number, 1, bytes.flip());
    }

    private void onEnd() {
        if (stopped) {
            return;
        }
        if (probed && session.received() > receivedBefore) {
            open(session.nextTurn()); // the server ends each after some time
        } else if (session.isTrying()) {
            giveWay(); // as it ends each for a newer one
        } else {
            fail(CarrierFailure.of("the stream ended without a packet"));
        }
    }

    private long onTimeout(long nowNanos) {
        if (!stopped) {
            fail(CarrierFailure.of(probed ? "the stream is silent" : "something on the way buffers the stream"));
        }
        return TimerWheel.Watch.NEVER;
    }

    private void fail(CarrierFailure failure) {
        end();
        session.broke(this, failure);
    }

    private void giveWay() {
        end();
        session.gaveWay(this, turn);
    }

    private void end() {
        stopped = true;
        session.passTurn(turn);
        session.loop().timers().cancel(timer);
        if (body != null) {
            body.cancel();
        }
        if (exchange != null) {
            exchange.cancel(true);
        }
    }

    @Override
    public void stop() {
        if (!stopped) {
            end();
        }
    }

    @Override
    public void onReading(boolean reading) {
        if (reading && held && !stopped && body != null) {
            held = false;
            session.loop().timers().schedule(timer, SILENCE_NANOS);
            body.next();
        }
    }
}
