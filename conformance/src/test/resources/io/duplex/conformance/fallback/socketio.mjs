// Goes through what socket.io-client can do with a server; fails with the first thing that is not as it should be.
import assert from "node:assert/strict";
import { once } from "node:events";
import { io } from "socket.io-client";

const [url, transports] = process.argv.slice(2);
const options = { transports: transports.split("+"), forceNew: true, reconnectionDelay: 50 };

const connected = async (socket) => {
  if (!socket.connected) await new Promise((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
  return socket;
};

const one = await connected(io(url, options));
const two = await connected(io(url, options));
assert.equal(typeof one.id, "string");

assert.deepEqual(await one.emitWithAck("echo", { a: [1, "ä€😀", null] }), { a: [1, "ä€😀", null] });

const bytes = new Uint8Array([0, 1, 30, 255]);
const deep = await one.emitWithAck("echo", { list: [bytes] });
assert.deepEqual(new Uint8Array(deep.list[0]), bytes);

await two.emitWithAck("join", "room");
const said = once(two, "said");
one.emit("say", "room", "hello");
assert.deepEqual(await said, ["hello"]);

one.on("question", (a, b, answer) => answer(a * b));
assert.equal(await one.emitWithAck("ask me"), 42);

const count = 2000;
const numbers = [];
const all = new Promise((resolve) => one.on("number", (n) => numbers.push(n) === count && resolve()));
one.emit("many", count);
await all;
assert.deepEqual(numbers, [...Array(count).keys()]);

const echoes = await Promise.all([...Array(500).keys()].map((n) => one.emitWithAck("echo", n)));
assert.deepEqual(echoes, [...Array(500).keys()]);

const refused = await new Promise((resolve) => io(url + "/admin", options).on("connect_error", function (error) {
  this.disconnect();
  resolve(error);
}));
assert.equal(refused.message, "not you");
const unknown = await new Promise((resolve) => io(url + "/none", options).on("connect_error", function (error) {
  this.disconnect();
  resolve(error);
}));
assert.equal(unknown.message, "Invalid namespace");
const admin = await connected(io(url + "/admin", { ...options, auth: { token: "secret" } }));
assert.equal(await admin.emitWithAck("echo", 1), 1);

const kicked = once(admin, "disconnect");
admin.emit("kick");
assert.equal((await kicked)[0], "io server disconnect");

// A client whose connection breaks comes back by itself.
const back = once(one, "connect");
one.io.engine.close();
await back;
assert.equal(await one.emitWithAck("echo", "again"), "again");

if (transports === "polling+websocket" && two.io.engine.transport.name !== "websocket") await once(two.io.engine, "upgrade");
assert.equal(await two.emitWithAck("echo", "last"), "last");
console.log("ends with " + two.io.engine.transport.name);
for (const socket of [one, two, admin]) socket.disconnect();
await new Promise((resolve) => setTimeout(resolve, 200));
process.exit(0);
