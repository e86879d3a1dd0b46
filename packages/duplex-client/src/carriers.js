import { CLOSE, TEXT, decodeBlock, join } from "./block.js";
import { EventReader } from "./events.js";

/**
 * The carriers of a session, each a function that receives until it ends or breaks. They take `link`, what they need of the
 * session: `url(parameters)`, `carrierUrl(parameters)`, `fields()`, `fetch`, `WebSocket`, `id`, `pollMillis`, `holdMillis`,
 * `pace` with the `waitMillis` of long polls, `received()`, `nextTurn()`, `isNewest(turn)`, `heard()`, `worked()`, `take(block)`,
 * and an AbortSignal. They resolve when they gave way to a carrier of a higher turn or the signal came, and throw {@link CarrierFailure}
 * otherwise.
 */

/** Why a carrier broke. `gone` means that the session has ended, `silent` that nothing came. */
export class CarrierFailure extends Error {
  constructor(message, { gone = false, silent = false, retryAfter = 0 } = {}) {
    super(message);
    this.gone = gone;
    this.silent = silent;
    this.retryAfter = retryAfter;
  }
}

/** Milliseconds after which a stream whose first event has not come is held to be buffered by something on the way. */
export const PROBE_MILLIS = 5000;

/** Milliseconds after which a stream is held to be broken; the server sends a comment every 15 s. */
const SILENCE_MILLIS = 45_000;
/** For the way there and back, and for a server that is slow. */
export const MARGIN_MILLIS = 15_000;
/** Waits of long polls are not halved below this, nor because of polls that broke sooner. */
const LEAST_WAIT_MILLIS = 1000;
const WAIT_STEP_MILLIS = 1000;
const FIRST_EARLY_PAUSE_MILLIS = 200;
const MOST_EARLY_PAUSE_MILLIS = 5000;
/** A stream that ends sooner, and brings nothing, is of no use. */
const SHORT_MILLIS = 5000;
const MOST_RETRY_AFTER_MILLIS = 300_000;

const encoder = new TextEncoder();

export function checkStatus(response) {
  if (response.ok) return;
  const retryAfter = Math.min(Number(response.headers.get("Retry-After")) * 1000 || 0, MOST_RETRY_AFTER_MILLIS);
  throw new CarrierFailure(`the server answered ${response.status}`, {
    gone: response.status === 404 || response.status === 410,
    retryAfter,
  });
}

/** A signal that comes with another, and when the time is over that was set last. */
export function deadline(signal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = null;
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    set(millis) {
      clearTimeout(timer);
      timer = setTimeout(abort, millis);
    },
    /** What is under way goes, too. */
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      abort();
    },
  };
}

/**
 * Reads the block of an answer, however long it takes.
 *
 * @param {() => void} progress called with each piece of it
 */
export async function readBlock(response, progress) {
  if (!response.body) return decodeBlock(await response.arrayBuffer()); // a fetch of their own
  const reader = response.body.getReader();
  const pieces = [];
  for (let read; !(read = await reader.read()).done; ) {
    pieces.push(read.value);
    // Its numbers are below 2^53. A page that something on the way puts in its place begins otherwise.
    if (pieces[0][0] === 0) progress();
  }
  return decodeBlock(join(pieces).slice().buffer);
}

/** Resolves to null if a higher turn has taken the place of this one. */
async function get(link, parameters, signal) {
  const turn = link.nextTurn();
  const response = await link.fetch(link.url({ ...parameters, after: link.received(), turn }), {
    headers: link.fields(),
    credentials: "include",
    cache: "no-store",
    signal,
  });
  if (response.status === 409 && !link.isNewest(turn)) return null;
  checkStatus(response);
  return response;
}

/** Polls: `long` ones are held by the server until there is something, those of `poll` go at intervals. */
export async function polls(link, via, signal) {
  const { pace, holdMillis } = link;
  for (let early = 0; !signal.aborted; ) {
    const before = link.received();
    const began = performance.now();
    const wait = pace.waitMillis;
    const patience = deadline(signal);
    const rearm = () => patience.set(wait + MARGIN_MILLIS);
    rearm();
    try {
      const response = await get(link, via === "long" && wait < holdMillis ? { via, wait } : { via }, patience.signal);
      if (response === null) return;
      rearm();
      const block = await readBlock(response, () => {
        rearm();
        link.heard();
      });
      link.take(block);
    } catch (fault) {
      if (signal.aborted) throw fault;
      // Maybe something on the way lets no request be silent for so long.
      if (via === "long" && performance.now() - began >= LEAST_WAIT_MILLIS) {
        pace.waitMillis = Math.max(Math.round(wait / 2), LEAST_WAIT_MILLIS);
      }
      if (!patience.signal.aborted) throw fault;
      throw new CarrierFailure("a poll was not answered", { silent: true });
    } finally {
      patience.end();
    }
    const took = performance.now() - began;
    if (took >= LEAST_WAIT_MILLIS) link.worked(); // the network may cut the next one, which is no reason to wait long
    if (took >= wait) pace.waitMillis = Math.min(wait + WAIT_STEP_MILLIS, holdMillis);
    // An empty answer before its time gave way to a carrier that is tried, or the server does not hold.
    const inTime = link.received() > before || took >= wait / 2;
    early = inTime ? 0 : early + 1;
    if (via === "poll") await pause(link.pollMillis, signal);
    else if (!inTime) await pause(Math.min(FIRST_EARLY_PAUSE_MILLIS * 2 ** (early - 1), MOST_EARLY_PAUSE_MILLIS), signal);
  }
}

/** Reads streams of server-sent events, one after another. */
export async function eventStream(link, signal, working) {
  while (!signal.aborted) {
    const before = link.received();
    const began = performance.now();
    const patience = deadline(signal);
    patience.set(PROBE_MILLIS);
    let probed = false;
    try {
      const response = await get(link, { via: "sse" }, patience.signal);
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
          } else if (event.type === "message") {
            link.take({ ack: 0, first: Number(event.id), packets: [packetOf(event.data)] });
          }
        });
        if (!probed) continue;
        patience.set(SILENCE_MILLIS);
        link.heard();
      }
    } catch (fault) {
      if (!patience.signal.aborted || signal.aborted) throw fault;
      throw new CarrierFailure(probed ? "the stream fell silent" : "something on the way buffers the stream", { silent: probed });
    } finally {
      patience.end();
    }
    if (!probed) throw new CarrierFailure("the stream ended before its first event");
    if (link.received() === before && performance.now() - began < SHORT_MILLIS) {
      throw new CarrierFailure("the stream ended as soon as it began");
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
    const turn = link.nextTurn();
    const url = link.carrierUrl({ after: link.received(), turn });
    const socket = new link.WebSocket(url, ["duplex.session.1", link.id]);
    socket.binaryType = "arraybuffer";
    let works = false;
    let ended = false;
    const abort = () => socket.close();
    signal.addEventListener("abort", abort);
    socket.onmessage = ({ data }) => {
      if (signal.aborted) return; // browsers tell nothing more by themselves
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
      if (signal.aborted || ended || (code === 1000 && !link.isNewest(turn))) resolve();
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
