import { CLOSE, TEXT, decodeBlock } from "./block.js";
import { EventReader } from "./events.js";

/**
 * The carriers of a session, each a function that receives until it ends or breaks. They take `link`, what they need of the
 * session: `url(parameters)`, `carrierUrl(parameters)`, `fields()`, `fetch`, `WebSocket`, `id`, `received()`, `nextTurn()`,
 * `isNewest(turn)`, `heard()`, `take(block)`, and an AbortSignal. They resolve when the other side gave way to a newer carrier or the signal came, and
 * throw {@link CarrierFailure} otherwise.
 */

/** Why a carrier broke. `gone` means that the session has ended. */
export class CarrierFailure extends Error {
  constructor(message, { gone = false, retryAfter = 0 } = {}) {
    super(message);
    this.gone = gone;
    this.retryAfter = retryAfter;
  }
}

/** Milliseconds after which a stream whose first event has not come is held to be buffered by something on the way. */
export const PROBE_MILLIS = 5000;

const encoder = new TextEncoder();

export function checkStatus(response) {
  if (response.ok) return;
  const retryAfter = Number(response.headers.get("Retry-After")) * 1000 || 0;
  throw new CarrierFailure(`the server answered ${response.status}`, {
    gone: response.status === 404 || response.status === 410,
    retryAfter,
  });
}

async function get(link, parameters, signal) {
  const response = await link.fetch(link.url(parameters), {
    headers: link.fields(),
    credentials: "include",
    cache: "no-store",
    signal,
  });
  if (response.status === 409) return null;
  checkStatus(response);
  return response;
}

/** Polls, held by the server until there is something. */
export async function longPoll(link, signal) {
  for (let turn; !signal.aborted; ) {
    turn = link.nextTurn();
    const response = await get(link, { via: "long", after: link.received(), turn }, signal);
    if (response === null) return;
    link.take(decodeBlock(await response.arrayBuffer()));
    if (!link.isNewest(turn)) return;
  }
}

/** Polls at intervals. */
export async function shortPoll(link, signal) {
  for (let turn; !signal.aborted; ) {
    turn = link.nextTurn();
    const response = await get(link, { via: "poll", after: link.received(), turn }, signal);
    if (response === null) return;
    link.take(decodeBlock(await response.arrayBuffer()));
    if (!link.isNewest(turn)) return;
    await pause(link.pollMillis, signal);
  }
}

/** Reads streams of server-sent events, one after another. */
export async function eventStream(link, signal, working) {
  for (let turn; !signal.aborted; ) {
    turn = link.nextTurn();
    const probe = new AbortController();
    const abort = () => probe.abort();
    signal.addEventListener("abort", abort);
    let probed = false;
    const timer = setTimeout(() => probed || probe.abort(), PROBE_MILLIS);
    try {
      const response = await get(link, { via: "sse", after: link.received(), turn }, probe.signal);
      if (response === null) return;
      if (response.status === 204) throw new CarrierFailure("the session has ended", { gone: true });
      const reader = response.body.getReader();
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      const events = new EventReader();
      for (let read; !(read = await reader.read()).done; ) {
        events.read(decoder.decode(read.value, { stream: true }), (event) => {
          if (event.type === "probe") {
            probed = true;
            working();
            link.heard();
          } else if (event.type === "message") {
            link.take({ ack: 0, first: Number(event.id), packets: [packetOf(event.data)] });
          }
        });
      }
      if (!link.isNewest(turn)) return;
      if (!probed) throw new CarrierFailure("the stream ended before its first event");
    } catch (fault) {
      if (probe.signal.aborted && !signal.aborted) throw new CarrierFailure("something on the way buffers the stream");
      throw fault;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }
}

function packetOf(data) {
  const kind = data.charCodeAt(0);
  if (kind === TEXT) return { kind, payload: encoder.encode(data.slice(1)) };
  const payload = Uint8Array.from(atob(data.slice(1)), (char) => char.charCodeAt(0));
  return { kind: kind === 0x54 ? TEXT : kind, payload };
}

/** A WebSocket, which carries both ways: `working` gets a function that sends a block. */
export function webSocket(link, signal, working) {
  return new Promise((resolve, reject) => {
    const url = link.carrierUrl({ after: link.received(), turn: link.nextTurn() });
    const socket = new link.WebSocket(url, ["duplex.session.1", link.id]);
    socket.binaryType = "arraybuffer";
    let works = false;
    let ended = false;
    const abort = () => socket.close();
    signal.addEventListener("abort", abort);
    socket.onmessage = ({ data }) => {
      let block;
      try {
        block = decodeBlock(data);
      } catch (fault) {
        socket.close();
        reject(fault);
        return;
      }
      if (!works) {
        works = true;
        working({ send: (bytes) => socket.send(bytes) });
      }
      link.take(block);
      ended ||= block.packets.some((packet) => packet.kind === CLOSE);
    };
    socket.onerror = () => {}; // the package ws throws what nobody listens to; the end tells enough
    socket.onclose = ({ code }) => {
      signal.removeEventListener("abort", abort);
      // 1000 is how the server gives way to a newer carrier.
      if (signal.aborted || ended || (works && code === 1000)) resolve();
      else reject(new CarrierFailure(works ? "the WebSocket broke" : "no WebSocket gets through"));
    };
  });
}

/** Waits; ends at once with the signal. */
export function pause(millis, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
