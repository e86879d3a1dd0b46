/** What carries a session. */
export type Transport = "websocket" | "sse" | "long" | "poll";

export interface DuplexSocketOptions {
  /** Carriers that may be used, the preferred one first; all by default, in the order of the type. */
  via?: Transport[];
  /** Milliseconds between two short polls; 1000 by default. */
  pollMillis?: number;
  /** Fields to send with each request, such as Authorization. They do not go with a WebSocket, as no
   *  page can set them there: with an Authorization, to which the server binds the session, there is none. */
  headers?: Record<string, string>;
  /** In place of the global one. */
  fetch?: typeof fetch;
  /** In place of the global one, such as that of the package `ws` in a Node without one. */
  WebSocket?: new (url: string | URL, protocols?: string | string[]) => WebSocket;
}

/**
 * The interface `WebSocket` over a session that moves between transports while it lives: it begins with polling, which gets
 * through everywhere, and goes over to a WebSocket or a stream of events where the network lets it, which it tries again and again
 * with pauses that grow up to 5 minutes. What breaks is repeated, so that each message arrives once and in order. Where the server has no sessions at the URL, it is a plain WebSocket.
 *
 * Differences to `WebSocket`: `bufferedAmount` counts what the server has not acknowledged; `extensions` is empty.
 */
export class DuplexSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  /**
   * @param url ws, wss, http or https; may be relative in a page
   * @throws DOMException `SyntaxError` as WebSocket's constructor
   */
  constructor(url: string | URL, protocols?: string | string[], options?: DuplexSocketOptions);

  readonly url: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  binaryType: BinaryType;
  /** What carries the session now; empty before it is open. */
  readonly transport: Transport | "";

  onopen: ((this: WebSocket, event: Event) => any) | null;
  onmessage: ((this: WebSocket, event: MessageEvent) => any) | null;
  onerror: ((this: WebSocket, event: Event) => any) | null;
  onclose: ((this: WebSocket, event: CloseEvent) => any) | null;

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
}
