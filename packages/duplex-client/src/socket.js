import * as block from "./block.js";
import * as carriers from "./carriers.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const CLOSE_MILLIS = 10_000;
const ACK_MILLIS = 1000;
const OPEN_MILLIS = 45_000;
/** A POST has a millisecond more for so many of its bytes, and all of its time twice as often as it was in vain. */
const SLOW_BYTES_PER_MILLI = 4;
const MOST_POST_PATIENCE = 8;
const FIRST_PAUSE_MILLIS = 250;
const MOST_PAUSE_MILLIS = 5000;
/** How long a better carrier is tried, and one that lives so long was of use. */
const UPGRADE_MILLIS = 10_000;
/** How long it is tried when nothing receives beside it. */
const QUIET_MILLIS = 3000;
/** How far ahead its turn is: requests go on below until it has reached the server. */
const TURNS_AHEAD = 2 ** 20;
const FIRST_UPGRADE_PAUSE_MILLIS = 5000;
const MOST_UPGRADE_PAUSE_MILLIS = 300_000;
const FILL_BYTES = 64 << 10;
const WINDOW_BYTES = 256 << 10;
const MAX_REASON_BYTES = 123;

const encoder = new TextEncoder();

const CloseEventType =
  globalThis.CloseEvent ??
  class CloseEvent extends Event {
    constructor(type, { code = 0, reason = "", wasClean = false } = {}) {
      super(type);
      Object.assign(this, { code, reason, wasClean });
    }
  };

/** The interface `WebSocket` over a session that moves between transports; see index.d.ts for the options. */
export class DuplexSocket extends EventTarget {
  static CONNECTING = CONNECTING;
  static OPEN = OPEN;
  static CLOSING = CLOSING;
  static CLOSED = CLOSED;

  #url;
  #options;
  #state = CONNECTING;
  #protocol = "";
  #binaryType = "blob";
  #handlers = new Map();

  /** The socket that stands in where the server has no sessions; null otherwise. */
  #plain = null;
  #opening = new AbortController();

  #id = "";
  #settings = null;
  /** The last that what receives has taken, and that of the better carrier which was tried last. */
  #turn = 0;
  #turnAhead = 0;
  #pauseMillis = FIRST_PAUSE_MILLIS;
  /** What carriers of polls know of the network. */
  #pace = null;
  /** Since when requests have failed and nothing has got through, either way; 0 if something has. */
  #failsSince = 0;

  /** What send() was given and has no number yet, as a Blob before it is read. */
  #pending = [];
  #reading = false;
  #pendingBytes = 0;
  /** Packets with numbers that the server has not acknowledged. */
  #unacknowledged = [];
  #nextNumber = 1;
  #received = 0;
  #acknowledged = 0;
  #unacknowledgedBytes = 0;
  #parts = [];

  #transport = "";
  #upstream = null;
  #sentUp = 0;
  #posting = false;
  /** Ends the POST that is under way. */
  #upload = new AbortController();
  #ackTimer = null;
  #ackPauseMillis = ACK_MILLIS;
  #closeTimer = null;
  #closeSent = false;
  #closeReceived = null;

  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   */
  constructor(url, protocols = [], options = {}) {
    super();
    this.#url = parseUrl(url);
    const wanted = parseProtocols(protocols);
    this.#options = {
      via: ["websocket", "sse", "long", "poll"],
      pollMillis: 1000,
      headers: {},
      fetch: globalThis.fetch?.bind(globalThis),
      WebSocket: globalThis.WebSocket,
      ...options,
    };
    // As with WebSocket, nothing is told before the constructor has returned.
    queueMicrotask(() => this.#open(wanted));
  }

  get url() {
    return this.#url.href;
  }

  get readyState() {
    return this.#plain?.readyState ?? this.#state;
  }

  /** Bytes of messages that the server has not acknowledged. */
  get bufferedAmount() {
    if (this.#plain) return this.#plain.bufferedAmount;
    let bytes = this.#pendingBytes;
    for (const packet of this.#unacknowledged) if (isMessage(packet)) bytes += packet.payload.length;
    return bytes;
  }

  get extensions() {
    return this.#plain?.extensions ?? "";
  }

  get protocol() {
    return this.#plain?.protocol ?? this.#protocol;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(type) {
    if (type !== "blob" && type !== "arraybuffer") return;
    this.#binaryType = type;
    if (this.#plain) this.#plain.binaryType = type;
  }

  /** What carries the session now: `websocket`, `sse`, `long` or `poll`; empty before it is open. */
  get transport() {
    return this.#plain ? "websocket" : this.#transport;
  }

  send(data) {
    if (this.#plain) {
      this.#plain.send(data);
      return;
    }
    if (this.#state === CONNECTING) throw new DOMException("the socket is not open yet", "InvalidStateError");
    const message = toMessage(data);
    this.#pendingBytes += message.bytes;
    if (this.#state !== OPEN) return;
    this.#pending.push(message);
    this.#number();
  }

  close(code, reason = "") {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`code ${code} is neither 1000 nor 3000 to 4999`, "InvalidAccessError");
    }
    const words = encoder.encode(String(reason));
    if (words.length > MAX_REASON_BYTES) {
      throw new DOMException(`the reason has more than ${MAX_REASON_BYTES} bytes`, "SyntaxError");
    }
    if (this.#plain) {
      if (code === undefined) this.#plain.close();
      else this.#plain.close(code, reason);
    } else if (this.#state === CONNECTING) {
      this.#state = CLOSING;
      this.#opening.abort();
    } else if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#pending.push({ kind: block.CLOSE, payload: closePayload(code, words), bytes: 0 });
      this.#number();
      this.#awaitEnd();
    }
  }

  /** Messages before it may take their time to go: it runs from the last sign that they do. */
  #awaitEnd() {
    clearTimeout(this.#closeTimer);
    this.#closeTimer = setTimeout(() => this.#end(1006, "", false), CLOSE_MILLIS);
  }

  // Opening

  async #open(protocols) {
    const { via, fetch } = this.#options;
    if (this.#state !== CONNECTING) {
      this.#end(1006, "", false);
      return;
    }
    const patience = carriers.deadline(this.#opening.signal);
    patience.set(OPEN_MILLIS);
    try {
      const headers = { ...this.#options.headers, "Content-Type": "application/octet-stream" };
      if (protocols.length > 0) headers["Duplex-Subprotocols"] = protocols.join(", ");
      const response = await fetch(httpUrl(this.#url, {}), {
        method: "POST",
        headers,
        credentials: "include",
        cache: "no-store",
        body: new Uint8Array(0),
        signal: patience.signal,
      });
      if ([404, 405, 426, 501].includes(response.status) && via.includes("websocket")) {
        this.#openPlain(protocols);
        return;
      }
      carriers.checkStatus(response);
      this.#settings = { holdMillis: 30_000, ...(await response.json()) };
      this.#id = this.#settings.session;
      this.#pace = { waitMillis: this.#settings.holdMillis };
    } catch (fault) {
      // A server of another origin that has no sessions does not let a page see its answer.
      const foreign = globalThis.location && location.origin !== new URL(httpUrl(this.#url, {})).origin;
      if (foreign && fault instanceof TypeError && via.includes("websocket") && this.#state === CONNECTING) {
        this.#openPlain(protocols);
        return;
      }
      this.#dispatchError(fault);
      this.#end(1006, "", false);
      return;
    } finally {
      patience.end();
    }
    if (this.#state !== CONNECTING) {
      this.#post(block.encodeBlock(0, 1, [{ kind: block.CLOSE, payload: new Uint8Array(0) }])).catch(() => {});
      this.#end(1006, "", false);
      return;
    }
    this.#protocol = this.#settings.subprotocol ?? "";
    this.#state = OPEN;
    this.dispatchEvent(new Event("open"));
    this.#receive();
  }

  /** The server has a WebSocket there, and no sessions. */
  #openPlain(protocols) {
    const Native = this.#options.WebSocket;
    if (!Native) {
      this.#dispatchError(new Error("the server has no sessions at this URL, and there is no WebSocket here"));
      this.#end(1006, "", false);
      return;
    }
    const socket = protocols.length > 0 ? new Native(this.#url, protocols) : new Native(this.#url);
    socket.binaryType = this.#binaryType;
    socket.onopen = () => this.dispatchEvent(new Event("open"));
    socket.onerror = () => this.dispatchEvent(new Event("error"));
    socket.onmessage = ({ data }) => this.#dispatchMessage(data);
    socket.onclose = ({ code, reason, wasClean }) =>
      this.dispatchEvent(new CloseEventType("close", { code, reason, wasClean }));
    this.#plain = socket;
  }

  // Receiving

  /** Receives by the best carrier that works: the safest one first, and better ones tried beside it. */
  async #receive() {
    const offered = this.#options.via.filter((name) => this.#settings.via.includes(name));
    const usable = offered.filter((name) => name !== "websocket" || this.#options.WebSocket);
    const base = ["long", "poll"].find((name) => usable.includes(name)) ?? usable.at(-1);
    if (base === undefined) {
      this.#dispatchError(new Error(`no carrier of ${this.#options.via} is offered: ${this.#settings.via}`));
      this.#end(1006, "", false);
      return;
    }
    let upgradeMillis = FIRST_UPGRADE_PAUSE_MILLIS;
    let upgradeAt = 0;
    let carrier = this.#run(base);
    while (this.#state !== CLOSED) {
      const better = usable.slice(0, usable.indexOf(carrier.name));
      if (better.length > 0) {
        await carriers.pause(upgradeAt - performance.now(), carrier.signal);
        if (!carrier.signal.aborted) {
          this.#easeIfLived(carrier);
          carrier = await this.#upgrade(better, carrier);
          upgradeAt = performance.now() + upgradeMillis;
          upgradeMillis = Math.min(2 * upgradeMillis, MOST_UPGRADE_PAUSE_MILLIS);
          continue;
        }
      }
      const broken = await carrier.done;
      if (this.#state === CLOSED) return;
      this.#easeIfLived(carrier);
      if (carrier.name !== base && carrier.useful) {
        upgradeAt = 0;
        upgradeMillis = FIRST_UPGRADE_PAUSE_MILLIS;
      }
      if (broken !== null) {
        if (this.#endsBy(broken)) return;
        if (broken.silent) this.#upload.abort(); // it is on its way through the same network
        await carriers.pause(Math.max(this.#pauseMillis * (0.5 + Math.random()), broken.retryAfter ?? 0), this.#opening.signal);
        this.#pauseMillis = Math.min(2 * this.#pauseMillis, MOST_PAUSE_MILLIS);
        if (this.#state === CLOSED) return;
      }
      carrier = this.#run(base);
    }
  }

  /** What lives for a while works, though there may be no news. */
  #easeIfLived(carrier) {
    if (performance.now() - carrier.began < UPGRADE_MILLIS) return;
    carrier.useful = true;
    this.#pauseMillis = FIRST_PAUSE_MILLIS;
  }

  /** Ends the session if repeating does not mend a failure, or nothing has got through for so long that the server has forgotten it. */
  #endsBy(fault) {
    this.#failsSince ||= performance.now();
    if (!fault.gone && performance.now() - this.#failsSince <= this.#settings.expiryMillis) return false;
    this.#dispatchError(fault);
    this.#end(1006, "", false);
    return true;
  }

  /** Tries better carriers beside the one that runs; resolves to the one that receives from then on. */
  async #upgrade(names, running) {
    for (const name of names) {
      const attempt = this.#run(name, running);
      const over = new AbortController();
      const quiet = running.done.then(() => carriers.pause(QUIET_MILLIS, over.signal));
      await Promise.race([attempt.working, attempt.done, carriers.pause(UPGRADE_MILLIS, over.signal), quiet]);
      over.abort();
      if (attempt.works) return attempt;
      attempt.stop();
      this.#turn = Math.max(this.#turn, this.#turnAhead);
      if (this.#state === CLOSED) return running;
      if (running.ended) {
        if ((await running.done) !== null) return running;
        running = this.#run(running.name);
      }
    }
    return running;
  }

  /**
   * Starts a carrier: beside one whose place it takes if it works, or alone. `done` resolves to null if it gave way, to what broke
   * it otherwise. It is `useful` once it has brought news, has had a poll held and answered, or
   * has lived for a while.
   */
  #run(name, before = null) {
    const controller = new AbortController();
    const stop = () => controller.abort();
    this.#opening.signal.addEventListener("abort", stop);
    let worked;
    const working = new Promise((resolve) => (worked = resolve));
    const carrier = { name, began: performance.now(), signal: controller.signal, stop, working, tried: before !== null };
    const works = (upstream) => {
      if (controller.signal.aborted || carrier.works) return;
      carrier.works = true;
      if (carrier.tried) {
        carrier.tried = false;
        // At once: a request of it would take the turn back.
        before.stop();
        this.#turn = Math.max(this.#turn, this.#turnAhead);
      }
      this.#transport = name;
      if (upstream) {
        this.#upload.abort(); // all of it goes here
        this.#upstream = { ...upstream, carrier };
        this.#sentUp = 0;
        this.#flush();
      }
      worked();
    };
    const link = this.#link(carrier);
    const isPoll = name === "long" || name === "poll";
    if (isPoll) works(null);
    const start = { sse: carriers.eventStream, websocket: carriers.webSocket };
    carrier.done = (isPoll ? carriers.polls(link, name, controller.signal) : start[name](link, controller.signal, works))
      .then(
        () => null,
        (fault) => (controller.signal.aborted ? null : fault),
      )
      .finally(() => {
        carrier.ended = true;
        stop();
        this.#opening.signal.removeEventListener("abort", stop);
        if (this.#upstream?.carrier === carrier) {
          this.#upstream = null;
          this.#flush();
        }
      });
    return carrier;
  }

  #link(carrier) {
    const { pollMillis, fetch, WebSocket, headers } = this.#options;
    const { holdMillis, expiryMillis } = this.#settings;
    const heard = () => (this.#failsSince = 0);
    const worked = () => {
      carrier.useful = true;
      this.#pauseMillis = FIRST_PAUSE_MILLIS;
    };
    return {
      id: this.#id,
      fetch,
      WebSocket,
      holdMillis,
      pace: this.#pace,
      pollMillis: Math.min(pollMillis, expiryMillis / 3),
      url: (parameters) => httpUrl(this.#url, parameters),
      carrierUrl: (parameters) => carrierUrl(this.#url, parameters),
      fields: () => ({ ...headers, "Duplex-Session": this.#id }),
      received: () => this.#received,
      nextTurn: () => (carrier.tried ? (this.#turnAhead = this.#turn + TURNS_AHEAD) : ++this.#turn),
      isNewest: (turn) => turn >= Math.max(this.#turn, this.#turnAhead),
      heard,
      worked,
      take: (received) => {
        heard();
        const before = this.#progress();
        this.#take(received);
        if (this.#progress() !== before) worked();
      },
    };
  }

  /** Packets that have come, and that the server has. */
  #progress() {
    return this.#received + this.#nextNumber - this.#unacknowledged.length;
  }

  #take({ ack, first, packets }) {
    this.#acknowledgedUpTo(ack);
    let number = first;
    for (const packet of packets) {
      if (this.#state === CLOSED) return;
      if (number > this.#received + 1) return; // a gap; it comes again
      if (number === this.#received + 1) {
        this.#received = number;
        this.#unacknowledgedBytes += packet.payload.length + block.PACKET_HEAD;
        this.#packet(packet);
      }
      number++;
    }
    if (this.#state !== CLOSED && this.#received > this.#acknowledged) this.#acknowledgeSoon();
  }

  #packet({ kind, payload }) {
    switch (kind) {
      case block.TEXT_PART:
      case block.BINARY_PART:
        this.#parts.push(payload);
        break;
      case block.TEXT:
      case block.BINARY: {
        this.#parts.push(payload);
        const whole = block.join(this.#parts);
        this.#parts = [];
        // As browsers do, messages that come after close() are dropped.
        if (this.#state === OPEN) this.#dispatchBytes(kind, whole);
        break;
      }
      case block.PING:
        this.#pending.push({ kind: block.PONG, payload: payload.slice(), bytes: 0 });
        this.#number();
        break;
      case block.CLOSE:
        this.#closedByPeer(payload);
        break;
      default: // a Pong that nobody asked for
    }
  }

  #dispatchBytes(kind, bytes) {
    if (kind === block.TEXT) this.#dispatchMessage(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    else if (this.#binaryType === "blob") this.#dispatchMessage(new Blob([bytes]));
    else this.#dispatchMessage(bytes.slice().buffer);
  }

  #closedByPeer(payload) {
    this.#closeReceived = payload;
    const code = payload.length < 2 ? 1005 : (payload[0] << 8) | payload[1];
    const reason = payload.length < 2 ? "" : new TextDecoder().decode(payload.subarray(2));
    if (this.#closeSent) {
      this.#lastWord([]);
    } else {
      this.#state = CLOSING;
      const answer = { kind: block.CLOSE, payload: payload.slice(0, 2) };
      this.#lastWord([...this.#unacknowledged, answer]);
    }
    this.#end(code, reason, true);
  }

  /** Nobody waits for the answer to it: the session has ended. */
  #lastWord(packets) {
    const first = this.#nextNumber - (packets.length > 0 ? packets.length - 1 : 0);
    this.#post(block.encodeBlock(this.#received, first, packets)).catch(() => {});
  }

  // Sending

  /** Gives numbers to what was sent, in order; a Blob has to be read first. */
  async #number() {
    if (this.#reading) return;
    while (this.#pending.length > 0) {
      const message = this.#pending[0];
      if (message.blob) {
        this.#reading = true;
        try {
          message.payload = new Uint8Array(await message.blob.arrayBuffer());
        } catch (fault) {
          // A file that has changed. What comes after it cannot go without it.
          if (this.#state !== CLOSED) this.#dispatchError(fault);
          this.#end(1006, "", false);
          return;
        }
        this.#reading = false;
      }
      this.#pending.shift();
      this.#pendingBytes -= message.bytes;
      if (this.#state === CLOSED) return;
      const most = this.#settings.maxBlockBytes - block.BLOCK_HEAD - block.PACKET_HEAD;
      if (message.payload.length > most) {
        this.#dispatchError(new Error(`a message has ${message.payload.length} bytes, the server takes ${most}`));
        this.#end(1006, "", false);
        return;
      }
      if (message.kind === block.CLOSE) this.#closeSent = true;
      this.#unacknowledged.push({ number: this.#nextNumber++, kind: message.kind, payload: message.payload });
    }
    // What one task sends goes together.
    queueMicrotask(() => this.#flush());
  }

  #flush() {
    if (this.#state === CLOSED || this.#unacknowledged.length === 0) return;
    if (this.#upstream) {
      for (let packets; (packets = this.#blockFrom(this.#sentUp + 1, FILL_BYTES)).length > 0; ) {
        if (this.#bytesOnTheWay() >= WINDOW_BYTES) break;
        this.#upstream.send(block.encodeBlock(this.#received, packets[0].number, packets));
        this.#acknowledging();
        this.#sentUp = packets.at(-1).number;
      }
    } else {
      this.#postAll();
    }
  }

  /** Bytes that went up the WebSocket and are not acknowledged: the server reads so far ahead of its handler. */
  #bytesOnTheWay() {
    let bytes = 0;
    for (const packet of this.#unacknowledged) {
      if (packet.number > this.#sentUp) break;
      bytes += packet.payload.length;
    }
    return bytes;
  }

  /** Packets from a number on, as many as fit into a block, or into so many bytes. */
  #blockFrom(number, most = this.#settings.maxBlockBytes) {
    const packets = [];
    let length = block.BLOCK_HEAD;
    for (const packet of this.#unacknowledged) {
      if (packet.number < number) continue;
      length += block.PACKET_HEAD + packet.payload.length;
      if (packets.length > 0 && length > most) break;
      packets.push(packet);
    }
    return packets;
  }

  async #postAll() {
    if (this.#posting) return;
    this.#posting = true;
    let pauseMillis = FIRST_PAUSE_MILLIS;
    let patience = 1;
    while (this.#state !== CLOSED && !this.#upstream && (this.#unacknowledged.length > 0 || this.#owesAcknowledgement())) {
      const packets = this.#blockFrom(0);
      const { signal } = (this.#upload = new AbortController());
      const acknowledged = this.#acknowledged;
      const owed = this.#unacknowledgedBytes;
      let least = 0;
      try {
        this.#acknowledging();
        await this.#post(block.encodeBlock(this.#received, packets[0]?.number ?? this.#nextNumber, packets), signal, patience);
        patience = 1;
        if (packets.length === 0 || this.#unacknowledged[0] !== packets[0]) {
          pauseMillis = FIRST_PAUSE_MILLIS;
          continue;
        }
      } catch (fault) {
        this.#acknowledged = Math.min(this.#acknowledged, acknowledged);
        this.#unacknowledgedBytes += owed;
        if (!signal.aborted) this.#endsBy(fault);
        if (fault.silent) patience = Math.min(2 * patience, MOST_POST_PATIENCE);
        least = fault.retryAfter ?? 0;
      }
      await carriers.pause(Math.max(pauseMillis * (0.5 + Math.random()), least), this.#opening.signal);
      pauseMillis = Math.min(2 * pauseMillis, MOST_PAUSE_MILLIS);
    }
    this.#posting = false;
  }

  /** The server may hold it; but it is given up some time: its connection may have died, and to repeat it does no harm. */
  async #post(bytes, signal = new AbortController().signal, times = 1) {
    const patience = carriers.deadline(signal);
    const { holdMillis } = this.#settings;
    patience.set(times * (holdMillis + carriers.MARGIN_MILLIS + bytes.length / SLOW_BYTES_PER_MILLI));
    try {
      const response = await this.#options.fetch(httpUrl(this.#url, {}), {
        method: "POST",
        headers: {
          ...this.#options.headers,
          "Content-Type": "application/octet-stream",
          "Duplex-Session": this.#id,
        },
        credentials: "include",
        cache: "no-store",
        // The browser sends it though the page is left, as far as it is short.
        keepalive: bytes.length < 60_000,
        body: bytes,
        signal: patience.signal,
      });
      if (response.status !== 409) carriers.checkStatus(response);
      const answer = await carriers.readBlock(response, () => {});
      this.#failsSince = 0;
      this.#take(answer);
    } catch (fault) {
      if (!patience.signal.aborted || signal.aborted) throw fault;
      throw new carriers.CarrierFailure("a POST was not answered", { silent: true });
    } finally {
      patience.end();
    }
  }

  #acknowledgedUpTo(number) {
    const before = this.#unacknowledged.length;
    while (this.#unacknowledged.length > 0 && this.#unacknowledged[0].number <= number) this.#unacknowledged.shift();
    if (this.#unacknowledged.length === before) return;
    if (this.#state === CLOSING) this.#awaitEnd();
    if (this.#upstream) this.#flush();
  }

  #owesAcknowledgement() {
    return this.#transport === "sse" && this.#received > this.#acknowledged && this.#unacknowledgedBytes >= this.#settings.ackBytes;
  }

  #acknowledging() {
    this.#acknowledged = this.#received;
    this.#unacknowledgedBytes = 0;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
  }

  /** On carriers that have no requests to acknowledge by. */
  #acknowledgeSoon() {
    if (this.#transport !== "sse" && this.#transport !== "websocket") return;
    if (this.#unacknowledgedBytes >= this.#settings.ackBytes) this.#acknowledgeNow();
    else this.#ackTimer ??= setTimeout(() => this.#acknowledgeNow(), ACK_MILLIS);
  }

  #acknowledgeNow() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    if (this.#state === CLOSED || this.#received === this.#acknowledged) return;
    if (this.#upstream) {
      const bytes = block.encodeBlock(this.#received, this.#nextNumber, []);
      this.#acknowledging();
      this.#upstream.send(bytes);
    } else {
      // Beside a POST that is held, maybe for want of this.
      const before = this.#acknowledged;
      const bytes = block.encodeBlock(this.#received, this.#nextNumber, []);
      this.#acknowledging();
      this.#post(bytes, this.#opening.signal).then(
        () => (this.#ackPauseMillis = ACK_MILLIS),
        (fault) => this.#acknowledgeAgain(before, fault),
      );
    }
  }

  /** After an acknowledgement that was lost: nothing more may come or go by which the server would learn it. */
  #acknowledgeAgain(before, fault) {
    if (this.#state === CLOSED || this.#endsBy(fault)) return;
    this.#acknowledged = Math.min(this.#acknowledged, before);
    const millis = Math.max(this.#ackPauseMillis * (0.5 + Math.random()), fault.retryAfter ?? 0);
    this.#ackPauseMillis = Math.min(2 * this.#ackPauseMillis, MOST_PAUSE_MILLIS);
    clearTimeout(this.#ackTimer);
    this.#ackTimer = setTimeout(() => this.#acknowledgeNow(), millis);
  }

  // The end

  #end(code, reason, wasClean) {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#closeTimer);
    this.#opening.abort();
    if (!wasClean) this.#upload.abort(); // otherwise the server may not have all of it yet, and answers
    this.dispatchEvent(new CloseEventType("close", { code, reason, wasClean }));
  }

  // Events

  #dispatchMessage(data) {
    this.dispatchEvent(new MessageEvent("message", { data, origin: this.#url.origin }));
  }

  #dispatchError(cause) {
    const event = new Event("error");
    Object.defineProperty(event, "error", { value: cause });
    this.dispatchEvent(event);
  }

  #handler(type) {
    return this.#handlers.get(type)?.handler ?? null;
  }

  #setHandler(type, handler) {
    const before = this.#handlers.get(type);
    if (typeof handler !== "function") {
      if (before) this.removeEventListener(type, before.listener);
      this.#handlers.delete(type);
    } else if (before) {
      before.handler = handler;
    } else {
      const entry = { handler, listener: (event) => entry.handler.call(this, event) };
      this.#handlers.set(type, entry);
      this.addEventListener(type, entry.listener);
    }
  }

  get onopen() {
    return this.#handler("open");
  }

  set onopen(handler) {
    this.#setHandler("open", handler);
  }

  get onmessage() {
    return this.#handler("message");
  }

  set onmessage(handler) {
    this.#setHandler("message", handler);
  }

  get onerror() {
    return this.#handler("error");
  }

  set onerror(handler) {
    this.#setHandler("error", handler);
  }

  get onclose() {
    return this.#handler("close");
  }

  set onclose(handler) {
    this.#setHandler("close", handler);
  }
}

for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  Object.defineProperty(DuplexSocket.prototype, name, { value, enumerable: true });
}

function isMessage({ kind }) {
  return kind === block.TEXT || kind === block.BINARY;
}

function parseUrl(given) {
  let url;
  try {
    url = new URL(given, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    throw new DOMException(`"${given}" is no URL`, "SyntaxError");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException(`the scheme of ${url.href} is not ws, wss, http or https`, "SyntaxError");
  }
  if (url.hash !== "" || url.href.endsWith("#")) throw new DOMException("the URL has a fragment", "SyntaxError");
  return url;
}

function parseProtocols(given) {
  const names = typeof given === "string" ? [given] : [...given].map(String);
  const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  if (names.some((name) => !token.test(name)) || new Set(names).size !== names.length) {
    throw new DOMException("a subprotocol is no token, or stands twice", "SyntaxError");
  }
  return names;
}

function withParameters(url, parameters) {
  for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return url.href;
}

function httpUrl(url, parameters) {
  const http = new URL(url.href.replace(/^ws/, "http"));
  return withParameters(http, parameters);
}

function carrierUrl(url, parameters) {
  const carrier = new URL(url.href);
  carrier.pathname = carrier.pathname.replace(/\/?$/, "/carrier");
  return withParameters(carrier, parameters);
}

function toMessage(data) {
  if (typeof Blob !== "undefined" && data instanceof Blob) return { kind: block.BINARY, blob: data, bytes: data.size };
  let payload;
  if (data instanceof ArrayBuffer) payload = new Uint8Array(data.slice(0));
  else if (ArrayBuffer.isView(data)) payload = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (payload) return { kind: block.BINARY, payload, bytes: payload.length };
  payload = encoder.encode(String(data));
  return { kind: block.TEXT, payload, bytes: payload.length };
}

function closePayload(code, words) {
  if (code === undefined && words.length === 0) return new Uint8Array(0);
  const payload = new Uint8Array(2 + words.length);
  new DataView(payload.buffer).setUint16(0, code ?? 1000);
  payload.set(words, 2);
  return payload;
}
