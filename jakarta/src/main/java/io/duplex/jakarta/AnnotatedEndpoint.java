package io.duplex.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import org.jspecify.annotations.Nullable;

/** An annotated endpoint as a programmatic one. As confined as the application's object is. */
final class AnnotatedEndpoint extends Endpoint {
    private static final System.Logger LOGGER = System.getLogger(AnnotatedEndpoint.class.getName());

    private final EndpointModel model;
    private final Object endpoint;

    AnnotatedEndpoint(EndpointModel model, Object endpoint) {
        this.model = model;
        this.endpoint = endpoint;
    }

    @Override
    public void onOpen(Session session, EndpointConfig config) {
        EndpointSession opened = (EndpointSession) session;
        opened.receivers().addAll(model.receivers(endpoint, opened));
        call(model.onOpen(), new AnnotatedMethod.Call(opened, null, null, null, true));
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
        call(model.onClose(), new AnnotatedMethod.Call((EndpointSession) session, reason, null, null, true));
    }

    @Override
    public void onError(Session session, Throwable fault) {
        if (model.onError() == null) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    endpoint.getClass().getName() + " failed and has no @OnError method",
                    fault);
        } else {
            call(model.onError(), new AnnotatedMethod.Call((EndpointSession) session, null, fault, null, true));
        }
    }

    private void call(@Nullable AnnotatedMethod method, AnnotatedMethod.Call call) {
        if (method == null) {
            return;
        }
        try {
            method.call(endpoint, call);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Exception fault) {
            throw new CallbackException(fault);
        }
    }

    /** Carries what a method threw through the signatures of {@link Endpoint}. */
    static final class CallbackException extends RuntimeException {
        private static final long serialVersionUID = 1;

        CallbackException(Exception cause) {
            super(cause);
        }
    }

    @Override
    public String toString() {
        return endpoint.getClass().getName();
    }
}
