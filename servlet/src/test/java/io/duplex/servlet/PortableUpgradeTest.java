package io.duplex.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import io.duplex.connection.Loop;
import io.duplex.connection.Transport;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Upgrades that come to nothing. */
class PortableUpgradeTest {
    private final ServletHost host =
            ServletHost.builder().handOff(HandOff.PORTABLE).build();
    private final Ended application = new Ended();
    private final BrokenConnection connection = new BrokenConnection();
    private final PortableUpgrade upgrade = new PortableUpgrade();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aPeerThatResetsBeforeItsConnectionIsMadeIsNotCounted() {
        upgrade.prepare(new Opening(host, application));
        upgrade.init(connection);
        upgrade.destroy();
        assertThat(connection.closed).isTrue();
        assertThat(application.times).isEqualTo(1);
        assertThat(host.connections()).isZero();
        assertThat(host.opened()).isZero();
    }

    @Test
    void anUpgradeThatComesAfterTheEndOfTheHostStartsNothing() {
        upgrade.prepare(new Opening(host, application));
        host.close();
        upgrade.init(connection);
        assertThat(connection.closed).isTrue();
        assertThat(application.times).isEqualTo(1);
        assertThat(host.nextLoop()).isNull();
    }

    /** An application that wants no connection, and counts how often it hears that there is none. */
    private static final class Ended implements Adoption {
        private int times;

        @Override
        public Connection connect(Loop loop, Transport transport) {
            throw new AssertionError("there is no connection");
        }

        @Override
        public void ended(@Nullable CloseOutcome outcome) {
            assertThat(outcome).isNull();
            times++;
        }
    }

    /** As Tomcat's, whose peer has reset: whoever begins to listen hears of it at once, and cannot listen any more. */
    private static final class BrokenConnection implements WebConnection {
        private boolean closed;

        @Override
        public ServletInputStream getInputStream() {
            return new ServletInputStream() {
                @Override
                public boolean isFinished() {
                    return false;
                }

                @Override
                public boolean isReady() {
                    return false;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    listener.onError(new IOException("connection reset by peer"));
                }

                @Override
                public int read() {
                    return -1;
                }
            };
        }

        @Override
        public ServletOutputStream getOutputStream() {
            return new ServletOutputStream() {
                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setWriteListener(WriteListener listener) {
                    if (closed) {
                        throw new IllegalStateException("the stream is closed");
                    }
                }

                @Override
                public void write(int octet) {}
            };
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
