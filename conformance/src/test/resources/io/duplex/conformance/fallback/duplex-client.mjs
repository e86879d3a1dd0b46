// Goes through what the JavaScript client promises; fails with the first thing that is not as it should be.
// Arguments: the module of the client, the URL, carriers, a URL at which connections are broken now and then.
import assert from "node:assert/strict";
import { once } from "node:events";

const [module, target, carriers, broken] = process.argv.slice(2);
const { DuplexSocket } = await import(module);
const WebSocket = globalThis.WebSocket ?? (await import("ws")).WebSocket;
const url = new URL(target);
const options = { via: carriers.split("+"), pollMillis: 20, WebSocket };

const socket = new DuplexSocket(broken ?? url, ["chat", "other"], options);
socket.binaryType = "arraybuffer";
assert.equal(socket.readyState, DuplexSocket.CONNECTING);
assert.throws(() => socket.send("early"), { name: "InvalidStateError" });
await once(socket, "open");
assert.equal(socket.readyState, DuplexSocket.OPEN);
assert.equal(socket.protocol, "chat");

const received = [];
const waiting = [];
socket.onmessage = ({ data }) => {
  received.push(data);
  waiting.splice(0).forEach((resolve) => resolve());
};
const until = async (count) => {
  while (received.length < count) await new Promise((resolve) => waiting.push(resolve));
};

// Kinds of messages
socket.send("ä€😀\n\r\0 a\r\nb");
socket.send(new Uint8Array([0, 1, 255]));
socket.send(new Uint16Array([258]).buffer);
socket.send(new Blob(["blob"]));
socket.send("");
socket.send("after the blob");
await until(6);
assert.equal(received[0], "ä€😀\n\r\0 a\r\nb");
assert.deepEqual(new Uint8Array(received[1]), new Uint8Array([0, 1, 255]));
assert.deepEqual(new Uint8Array(received[2]), new Uint8Array([2, 1]));
assert.equal(new TextDecoder().decode(received[3]), "blob");
assert.equal(received[4], "");
assert.equal(received[5], "after the blob");
const big = "x".repeat(300_000);
socket.send(big);
await until(7);
assert.equal(received[6], big);

// Each once and in order
const count = broken ? 5000 : 2000;
received.length = 0;
for (let i = 0; i < count; i++) {
  socket.send(String(i));
  if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, broken ? 20 : 0));
}
await until(count);
assert.deepEqual(received, [...Array(count).keys()].map(String));
if (!broken) {
  while (socket.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

// The end, by us
assert.throws(() => socket.close(1001), { name: "InvalidAccessError" });
assert.throws(() => socket.close(3000, "x".repeat(124)), { name: "SyntaxError" });
const closed = once(socket, "close");
socket.close(3001, "bye");
assert.equal(socket.readyState, DuplexSocket.CLOSING);
const [ours] = await closed;
assert.deepEqual([ours.code, ours.wasClean, socket.readyState], [3001, true, DuplexSocket.CLOSED]);

// An acknowledgement that was lost goes again, though nothing else comes or goes
if (carriers === "sse") {
  const acknowledged = [];
  const description = { session: "s", subprotocol: null, via: ["sse"], expiryMillis: 60_000, ackBytes: 1, maxBlockBytes: 65_536 };
  const lastly = new Promise((resolve) => {
    const fetch = async (address, { method = "GET", headers, body }) => {
      if (method === "GET") {
        const events = new TextEncoder().encode("event: probe\ndata: 1\n\nid: 1\ndata: tonly\n\n");
        return new Response(new ReadableStream({ start: (stream) => stream.enqueue(events) }));
      }
      if (!headers["Duplex-Session"]) return new Response(JSON.stringify(description));
      acknowledged.push(Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0)));
      if (acknowledged.length === 1) throw new TypeError("the network broke");
      resolve();
      return new Response(new Uint8Array(0));
    };
    new DuplexSocket(url, [], { via: ["sse"], fetch });
  });
  await lastly;
  assert.deepEqual(acknowledged, [1, 1]);
}

// The end, by the server
const other = new DuplexSocket(url, [], options);
await once(other, "open");
const ended = once(other, "close");
other.send("close me");
const [theirs] = await ended;
assert.deepEqual([theirs.code, theirs.reason, theirs.wasClean], [4001, "as you like", true]);

const nobody = new DuplexSocket(new URL("/nothing", url), [], { ...options, WebSocket: undefined });
const [failed] = await once(nobody, "close");
assert.deepEqual([failed.code, failed.wasClean], [1006, false]);

if (carriers.includes("websocket") && !broken) {
  const upgraded = new DuplexSocket(url, [], options);
  await once(upgraded, "open");
  while (upgraded.transport !== "websocket") await new Promise((resolve) => setTimeout(resolve, 10));
  upgraded.close();
  await once(upgraded, "close");
}
console.log("all is well");
process.exit(0);
