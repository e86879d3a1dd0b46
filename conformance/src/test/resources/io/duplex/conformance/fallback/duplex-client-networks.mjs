// What the JavaScript client does in networks that are bad in one way each, with a server and a time that are made up here: hours
// pass at once. Fails with the first thing that is not as it should be. Argument: the module of the client.
import assert from "node:assert/strict";

const module = new URL(process.argv[2], globalThis.location?.href);
const { DuplexSocket } = await import(module);
const { encodeBlock, decodeBlock } = await import(new URL("block.js", module));

// Time goes on when nothing is left to be done.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const timers = new Map();
const { port1: bell, port2: rope } = new MessageChannel();
let now = SECOND;
let lastTimer = 0;
performance.now = Date.now = () => now;
globalThis.setTimeout = (task, millis) => {
  const least = millis > 2 ** 31 - 1 ? 1 : Math.max(1, millis || 0); // as everywhere: what is too long for it is none
  timers.set(++lastTimer, { id: lastTimer, at: now + least, task });
  return lastTimer;
};
globalThis.clearTimeout = (id) => timers.delete(id);

async function pass(millis) {
  const end = now + millis;
  for (;;) {
    // Promises that are kept go first, however many follow from each other.
    await new Promise((resolve) => {
      bell.onmessage = resolve;
      rope.postMessage("");
    });
    const due = [...timers.values()].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
    if (!due) break;
    timers.delete(due.id);
    now = due.at;
    due.task();
  }
  now = end;
}

function travel(millis, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", abort);
    const arrive = () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    if (millis < Infinity) setTimeout(arrive, millis);
  });
}

// The server of one session, behind a network.

const TRAVEL = 20;
const HOLD = 30 * SECOND;
const WINDOW_BYTES = 256 << 10;

class Server {
  /**
   * How each works: "swallowed" never arrives, "deaf" arrives and is not answered, "refused" is, "useless" ends after its beginning,
   * "gone" is what the server has forgotten, "held" takes until a proxy loses its patience.
   */
  websocket = "works";
  sse = "works";
  long = "works";
  post = "works";
  streamTravel = TRAVEL;
  /** How long a block takes to come down if it has packets, and each byte of a POST to go up. */
  bodyMillis = 0;
  byteMillis = 0;
  /** For how long the network lets a request be silent. */
  patienceMillis = Infinity;
  retryAfter = "";

  asked = [];
  posts = [];
  sent = [];
  told = 0;
  received = [];
  turn = 0;
  carrier = null;

  constructor(ways) {
    Object.assign(this, ways);
    const server = this;
    this.WebSocket = class {
      constructor(url) {
        const { after, turn } = server.#note("websocket", url);
        this.url = url;
        travel(TRAVEL).then(() => this.#open(turn, after));
      }

      #open(turn, after) {
        if (this.closed || server.websocket === "swallowed") return;
        if (server.websocket === "refused" || turn < server.turn) return this.end(1006);
        let last = after;
        this.carrier = {
          give: () => {
            if (last === server.sent.length || server.websocket === "deaf") return;
            this.#tell(last + 1, server.sent.slice(last));
            last = server.sent.length;
          },
          replaced: () => this.end(1000),
          broken: () => this.end(1006),
        };
        if (server.websocket !== "deaf") this.#tell(after + 1, []);
        if (server.websocket === "useless") this.end(1000);
        else server.#attach(turn, after, this.carrier);
      }

      #tell(first, payloads) {
        this.onmessage({ data: block(server.received.length, first, payloads) });
      }

      send(bytes) {
        if (this.closed) return;
        server.#take(bytes);
        travel(TRAVEL).then(() => this.closed || this.#tell(server.sent.length + 1, []));
      }

      close() {
        this.end(1005);
      }

      end(code) {
        if (this.closed) return;
        this.closed = true;
        server.#detach(this.carrier);
        travel(1).then(() => this.onclose({ code }));
      }
    };
  }

  #note(via, address) {
    const parameters = new URL(address).searchParams;
    this.asked.push({ via, at: now });
    const wait = Math.min(HOLD, Number(parameters.get("wait") ?? HOLD));
    return { via, after: Number(parameters.get("after")), turn: Number(parameters.get("turn")), wait };
  }

  fetch = async (address, { method = "GET", headers, body, signal }) => {
    if (method === "POST") return this.#posted(headers, body, signal);
    const { after, turn, via, wait } = this.#note(new URL(address).searchParams.get("via"), address);
    await travel(via === "sse" ? this.streamTravel : TRAVEL, signal);
    const way = this[via];
    if (way === "swallowed") await travel(Infinity, signal);
    if (way === "refused") return answer(503, undefined, this.retryAfter);
    if (way === "gone") return answer(404);
    if (way === "conflict" || turn < this.turn) return answer(409);
    if (way === "empty") return answer(200, block(0, after + 1, []));
    if (way === "deaf") {
      this.#attach(turn, after, { give: () => {}, replaced: () => {} });
      await travel(Infinity, signal);
    }
    return via === "sse" ? this.#stream(turn, after, signal) : this.#poll(turn, after, wait, signal);
  };

  async #poll(turn, after, wait, signal) {
    let carrier;
    const packets = new Promise((resolve) => {
      carrier = {
        give: () => this.sent.length > after && resolve(this.sent.slice(after)),
        replaced: () => resolve([]),
      };
      this.#attach(turn, after, carrier);
    });
    try {
      const silence = Math.min(wait, this.patienceMillis);
      const payloads = await Promise.race([packets, travel(silence, signal).then(() => (silence < wait ? null : []))]);
      if (payloads === null) return answer(504);
      const buffer = block(this.received.length, after + 1, payloads);
      return payloads.length > 0 && this.bodyMillis > 0 ? slowAnswer(buffer, this.bodyMillis, signal) : answer(200, buffer);
    } finally {
      this.#detach(carrier);
    }
  }

  #stream(turn, after, signal) {
    const chunks = [];
    let wake = () => {};
    let ended = false;
    let last = after;
    const write = (text) => {
      chunks.push(new TextEncoder().encode(text));
      wake();
    };
    const end = () => {
      ended = true;
      wake();
    };
    const carrier = {
      give: () => {
        while (last < this.sent.length && bytes(this.sent.slice(this.told, last)) < WINDOW_BYTES) {
          write(`id: ${++last}\ndata: t${this.sent[last - 1]}\n\n`);
        }
      },
      replaced: end,
    };
    const comment = () => {
      if (ended || signal.aborted) return;
      write(":\n");
      setTimeout(comment, 15 * SECOND);
    };
    write(`event: probe\ndata: ${turn}\n\n`);
    comment();
    if (this.sse === "useless") end();
    this.#attach(turn, after, carrier);
    let aborted = null;
    signal.addEventListener("abort", () => {
      aborted = new DOMException("aborted", "AbortError");
      this.#detach(carrier);
      wake();
    });
    const read = async () => {
      while (chunks.length === 0 && !ended && !aborted) await new Promise((resolve) => (wake = resolve));
      if (aborted) throw aborted;
      return chunks.length > 0 ? { done: false, value: chunks.shift() } : { done: true };
    };
    return { ...answer(200), body: { getReader: () => ({ read }) } };
  }

  async #posted(headers, body, signal) {
    await travel(TRAVEL, signal);
    if (!headers["Duplex-Session"]) {
      const via = ["websocket", "sse", "long"].filter((name) => this[name] !== "none");
      const settings = { session: "s", via, holdMillis: HOLD, expiryMillis: MINUTE, ackBytes: 65_536, maxBlockBytes: 1 << 20 };
      return { ...answer(200), json: async () => settings };
    }
    this.posts.push({ signal });
    await travel(this.byteMillis * body.length, signal);
    if (this.post === "swallowed") await travel(Infinity, signal);
    if (this.post === "refused") return answer(503);
    if (this.post === "held") {
      await travel(this.patienceMillis, signal);
      return answer(504);
    }
    this.#take(body);
    return answer(200, block(this.received.length, this.sent.length + 1, []));
  }

  #take(body) {
    const { ack, first, packets } = decodeBlock(body.buffer);
    packets.slice(this.received.length + 1 - first).forEach(({ payload }) => this.received.push(new TextDecoder().decode(payload)));
    this.#toldUpTo(ack);
  }

  #toldUpTo(ack) {
    this.told = Math.max(this.told, ack);
    this.carrier?.give();
  }

  #attach(turn, after, carrier) {
    const before = this.carrier;
    this.turn = turn;
    this.carrier = carrier;
    before?.replaced();
    this.#toldUpTo(after);
  }

  #detach(carrier) {
    if (this.carrier === carrier) this.carrier = null;
  }

  send(payload) {
    this.sent.push(payload);
    this.carrier?.give();
  }

  /** As the server ends a stream, or the network a WebSocket. */
  endCarrier() {
    const ending = this.carrier;
    this.carrier = null;
    (ending.broken ?? ending.replaced)();
  }

  asks(via) {
    return this.asked.filter((request) => request.via === via).map(({ at }) => at);
  }
}

const bytes = (payloads) => payloads.reduce((sum, payload) => sum + payload.length, 0);

function block(ack, first, payloads) {
  return encodeBlock(
    ack,
    first,
    payloads.map((payload) => ({ kind: 0x74, payload: new TextEncoder().encode(payload) })),
  ).buffer;
}

function answer(status, buffer = new ArrayBuffer(0), retryAfter = "") {
  return { ok: status < 300, status, headers: new Headers({ "Retry-After": retryAfter }), arrayBuffer: async () => buffer };
}

/** A block that comes in pieces. */
function slowAnswer(buffer, millis, signal) {
  const pieces = 12;
  const each = Math.ceil(buffer.byteLength / pieces);
  const getReader = () => {
    let at = 0;
    const read = async () => {
      if (at >= buffer.byteLength) return { done: true };
      await travel(millis / pieces, signal);
      at += each;
      return { done: false, value: new Uint8Array(buffer.slice(at - each, at)) };
    };
    return { read };
  };
  return { ...answer(200), body: { getReader }, arrayBuffer: () => travel(millis, signal).then(() => buffer) };
}

/** A client of the server; `heard` has what came to it, and when. */
async function connect(server) {
  const socket = new DuplexSocket("ws://server.example/", [], { fetch: server.fetch, WebSocket: server.WebSocket });
  socket.heard = [];
  socket.onmessage = ({ data }) => socket.heard.push({ data, at: now });
  socket.onclose = ({ code }) => (socket.code = code);
  await pass(2 * TRAVEL);
  assert.equal(socket.readyState, DuplexSocket.OPEN);
  return socket;
}

/** Sends for so long; returns after how many milliseconds the slowest message was there. */
async function slowest(server, socket, millis) {
  const first = socket.heard.length;
  for (const end = now + millis; now < end; ) {
    server.send(String(now));
    await pass(SECOND / 2);
  }
  await pass(20 * SECOND);
  const messages = socket.heard.slice(first);
  assert.deepEqual(
    messages.map(({ data }) => data),
    server.sent.slice(first),
  );
  return Math.max(...messages.map(({ data, at }) => at - Number(data)));
}

function atMost(actual, most, what) {
  assert.equal(actual <= most || `${what}: ${actual}, not at most ${most}`, true);
}

const rules = {
  async "Polls bring messages at once while upgrades are swallowed"() {
    const server = new Server({ websocket: "swallowed", sse: "swallowed" });
    const socket = await connect(server);
    atMost(await slowest(server, socket, 2 * MINUTE), 10 * TRAVEL + 200, "milliseconds to the slowest message");
  },

  async "An upgrade that has arrived, and is not answered, costs seconds"() {
    const server = new Server({ websocket: "deaf", sse: "deaf" });
    const socket = await connect(server);
    atMost(await slowest(server, socket, 2 * MINUTE), 4 * SECOND, "milliseconds to the slowest message");
  },

  async "Better carriers are tried again with pauses that grow"() {
    const server = new Server({ websocket: "refused", sse: "refused" });
    const socket = await connect(server);
    await pass(HOUR);
    const tries = server.asks("websocket");
    const pauses = tries.slice(1).map((at, i) => at - tries[i]);
    assert.equal(pauses.length > 10, true);
    assert.equal(
      pauses.every((pause, i) => i === 0 || pause > 1.5 * pauses[i - 1] || pause >= 5 * MINUTE),
      true,
    );
    atMost(Math.max(...pauses), 6 * MINUTE, "milliseconds between two attempts");
    server.sse = "works";
    await pass(6 * MINUTE);
    assert.equal(socket.transport, "sse");
    server.websocket = "works";
    await pass(6 * MINUTE);
    assert.equal(socket.transport, "websocket");
    atMost(server.asks("long").length, (HOUR + 12 * MINUTE) / HOLD + 2 * tries.length, "polls");
  },

  async "A stream goes on though an upgrade beside it has failed"() {
    const server = new Server({ websocket: "refused" });
    const socket = await connect(server);
    await pass(MINUTE);
    assert.equal(socket.transport, "sse");
    const polls = server.asks("long").length;
    server.endCarrier();
    server.send("next");
    await pass(SECOND);
    assert.deepEqual([socket.heard.at(-1)?.data, socket.transport], ["next", "sse"]);
    assert.equal(server.asks("long").length, polls);
  },

  async "A conflict that no newer request explains is a failure"() {
    const server = new Server({ websocket: "none", sse: "none", long: "conflict" });
    const socket = await connect(server);
    await pass(MINUTE / 2);
    atMost(server.asks("long").length, 30, "polls");
    await pass(MINUTE);
    assert.equal(socket.code, 1006);
  },

  async "A WebSocket that the server closes at once is tried with pauses that grow"() {
    const server = new Server({ websocket: "useless", sse: "none" });
    const socket = await connect(server);
    await pass(10 * MINUTE);
    atMost(server.asks("websocket").length, 15, "WebSockets");
    server.send("by a poll");
    await pass(SECOND);
    assert.equal(socket.heard.length, 1);
  },

  async "A stream that brings nothing is opened with pauses that grow"() {
    const server = new Server({ websocket: "none", sse: "useless" });
    await connect(server);
    await pass(10 * MINUTE);
    atMost(server.asks("sse").length, 15, "streams");
  },

  async "A server that holds no polls is not asked in a loop"() {
    const server = new Server({ websocket: "none", sse: "none", long: "empty" });
    await connect(server);
    await pass(MINUTE);
    atMost(server.asks("long").length, 30, "polls");
  },

  async "A session that was idle for long outlives a break"() {
    const server = new Server({});
    const socket = await connect(server);
    await pass(10 * MINUTE);
    assert.equal(socket.transport, "websocket");
    Object.assign(server, { websocket: "refused", sse: "refused", long: "refused", post: "refused" });
    server.endCarrier();
    socket.send("up");
    await pass(20 * SECOND);
    Object.assign(server, { long: "works", post: "works" });
    server.send("down");
    await pass(20 * SECOND);
    assert.deepEqual([socket.heard.map(({ data }) => data), server.received, socket.readyState], [["down"], ["up"], 1]);
  },

  async "POSTs that failed once do not count for ever"() {
    const server = new Server({ post: "refused", sse: "none" });
    const socket = await connect(server);
    socket.send("one");
    await pass(10 * MINUTE);
    assert.deepEqual(server.received, ["one"]);
    Object.assign(server, { websocket: "refused" });
    server.endCarrier();
    socket.send("two");
    await pass(SECOND);
    server.post = "works";
    await pass(20 * SECOND);
    assert.deepEqual([server.received, socket.readyState], [["one", "two"], 1]);
  },

  async "What is under way in a network that fell silent goes again"() {
    const server = new Server({ websocket: "none", sse: "none", long: "swallowed", post: "swallowed" });
    const socket = await connect(server);
    socket.send("up");
    await pass(MINUTE / 2);
    Object.assign(server, { long: "works", post: "works" });
    server.send("down");
    await pass(MINUTE / 2);
    assert.deepEqual([socket.heard.map(({ data }) => data), server.received], [["down"], ["up"]]);
  },

  async "What a stream repeats is acknowledged"() {
    const server = new Server({ websocket: "none", streamTravel: 5 * TRAVEL });
    const socket = await connect(server);
    await pass(4 * TRAVEL - 5);
    const kibibyte = "x".repeat(1024);
    for (let i = 0; i < 300; i++) server.send(kibibyte); // a poll brings them while the stream is asked for what comes after 0
    await pass(20 * SECOND);
    assert.equal(socket.transport, "sse");
    for (let i = 0; i < 300; i++) server.send(kibibyte);
    await pass(20 * SECOND);
    assert.deepEqual([socket.heard.length, server.told], [600, 600]);
  },

  async "An answer may take minutes, as long as more of it comes"() {
    const server = new Server({ websocket: "none", sse: "none", post: "refused", bodyMillis: 2 * MINUTE });
    const socket = await connect(server);
    socket.send("up"); // in vain: what comes is enough of a sign
    server.send("x".repeat(1000));
    await pass(3 * MINUTE);
    assert.deepEqual([socket.heard.length, socket.readyState], [1, 1]);
    atMost(server.asks("long").length, 4, "polls");
  },

  async "A session goes on while POSTs fail, and polls are answered or a stream lives"() {
    for (const sse of ["none", "works"]) {
      const server = new Server({ websocket: "none", sse, post: "held", patienceMillis: 40 * SECOND });
      const socket = await connect(server);
      socket.send("up");
      await pass(10 * MINUTE);
      assert.equal(socket.readyState, 1);
      atMost(server.posts.length, 15, "POSTs that are held");
      server.post = "refused";
      await pass(10 * MINUTE);
      assert.equal(socket.readyState, 1);
      atMost(server.posts.length, 300, "POSTs");
      server.post = "works";
      await pass(10 * SECOND);
      assert.deepEqual(server.received, ["up"]);
    }
  },

  async "A session goes on while polls fail and POSTs are answered, and ends when nothing is"() {
    const server = new Server({ websocket: "none", sse: "none", long: "refused" });
    const socket = await connect(server);
    for (let i = 0; i < 30; i++) {
      socket.send(String(i));
      await pass(10 * SECOND);
    }
    assert.deepEqual([server.received.length, socket.readyState], [30, 1]);
    await pass(1.5 * MINUTE);
    assert.equal(socket.code, 1006);
  },

  async "Polls are shorter where silent requests are cut, and longer where they are not any more"() {
    for (const patienceMillis of [2 * SECOND, 10 * SECOND, 25 * SECOND, HOLD - SECOND]) {
      const server = new Server({ websocket: "none", sse: "none", patienceMillis });
      const socket = await connect(server);
      await pass(20 * MINUTE);
      atMost(server.asks("long").length, (20 * MINUTE) / (patienceMillis / 3), "polls");
      for (let i = 1; i <= 20; i++) {
        server.send("down");
        await pass(SECOND);
        assert.deepEqual([socket.heard.length, socket.readyState], [i, 1]);
        await pass(MINUTE + i * 137);
      }
      server.patienceMillis = Infinity;
      await pass(20 * MINUTE);
      const polls = server.asks("long").length;
      await pass(10 * MINUTE);
      atMost(server.asks("long").length - polls, (10 * MINUTE) / HOLD + 1, "polls in ten minutes");
    }
  },

  async "A POST whose connection died goes again while polls are answered"() {
    const server = new Server({ websocket: "none", sse: "none", post: "swallowed" });
    const socket = await connect(server);
    socket.send("up");
    await pass(SECOND);
    server.post = "works";
    await pass(MINUTE);
    assert.deepEqual([server.received, server.posts.length], [["up"], 2]);
  },

  async "An acknowledgement whose connection died goes again while a stream stands"() {
    const server = new Server({ websocket: "none" });
    const socket = await connect(server);
    await pass(20 * SECOND);
    assert.equal(socket.transport, "sse");
    server.post = "swallowed";
    for (let i = 0; i < 300; i++) server.send("x".repeat(1024));
    await pass(5 * SECOND);
    server.post = "works";
    await pass(MINUTE);
    assert.deepEqual([socket.heard.length, server.told], [300, 300]);
  },

  async "A POST that goes up slowly is let get there"() {
    for (const [byteMillis, posts] of [
      [0.2, 1],
      [1, 3],
    ]) {
      const server = new Server({ websocket: "none", sse: "none", byteMillis });
      const socket = await connect(server);
      socket.send("x".repeat(1_000_000));
      await pass(HOUR);
      assert.deepEqual([server.received.length, server.posts.length], [1, posts]);
    }
  },

  async "A session that has ended is not asked for again"() {
    const server = new Server({ websocket: "swallowed", sse: "none" });
    const socket = await connect(server);
    server.long = "gone";
    server.send("the poll that is held ends");
    await pass(20 * SECOND);
    assert.deepEqual([server.asks("long").length, socket.code], [2, 1006]);
  },

  async "Retry-After may be longer than a timer"() {
    const server = new Server({ websocket: "none", sse: "none", long: "refused", retryAfter: "2147484" });
    const socket = await connect(server);
    await pass(4 * MINUTE);
    atMost(server.asks("long").length, 1, "polls");
    server.long = "works";
    await pass(2 * MINUTE);
    assert.deepEqual([server.asks("long").length > 1, socket.readyState], [true, 1]);
  },

  async "No POST outlives its session"() {
    const server = new Server({ websocket: "none", sse: "none", post: "swallowed" });
    const socket = await connect(server);
    socket.send("up");
    await pass(SECOND);
    socket.close();
    await pass(20 * SECOND);
    assert.equal(socket.code, 1006);
    assert.deepEqual(
      server.posts.map(({ signal }) => signal.aborted),
      [true],
    );
  },

  async "A server that does not answer is not waited for without end"() {
    const fetch = (address, { signal }) => travel(Infinity, signal);
    const socket = new DuplexSocket("ws://server.example/", [], { fetch });
    await pass(MINUTE);
    assert.equal(socket.readyState, DuplexSocket.CLOSED);
  },

  async "A Blob that cannot be read ends the session"() {
    const socket = await connect(new Server({ websocket: "none", sse: "none" }));
    const blob = new Blob(["a file that is gone"]);
    blob.arrayBuffer = () => Promise.reject(new Error("it cannot be read"));
    let fault = null;
    socket.onerror = ({ error }) => (fault = error);
    socket.send(blob);
    await pass(SECOND);
    assert.deepEqual([socket.code, fault?.message], [1006, "it cannot be read"]);
  },
};

// Pauses are spread at random: each rule holds for the shortest ones, the longest, and those between.
for (const random of [0, 0.5, 1 - Number.EPSILON]) {
  Math.random = () => random;
  for (const [rule, holds] of Object.entries(rules)) {
    timers.clear();
    try {
      await holds();
    } catch (fault) {
      throw new Error(`${rule} (pauses of ${random}): ${fault.message}`, { cause: fault });
    }
  }
}
console.log("all is well");
process.exit(0);
