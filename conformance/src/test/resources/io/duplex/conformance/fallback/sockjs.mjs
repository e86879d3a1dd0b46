// Talks through sockjs-client; fails with the first thing that is not as it should be. Arguments: the URL, the transport,
// "refused" if the server does not let us in.
import assert from "node:assert/strict";
import SockJS from "sockjs-client";

const [url, transports, refused] = process.argv.slice(2);
const socket = new SockJS(url, null, { transports: [transports], timeout: 10_000 });
const received = [];
const waiting = [];
const until = async (count) => {
  while (received.length < count) await new Promise((resolve) => waiting.push(resolve));
};
socket.onmessage = ({ data }) => {
  received.push(data);
  waiting.splice(0).forEach((resolve) => resolve());
};
await new Promise((resolve, reject) => {
  socket.onopen = () => (refused ? reject(new Error("is open")) : resolve());
  socket.onclose = ({ code, reason }) => (refused ? resolve() : reject(new Error(`closed ${code} ${reason}`)));
});
if (refused) {
  console.log("all is well");
  process.exit(0);
  await new Promise(() => {}); // a page goes on
}
assert.equal(socket.transport, transports);

socket.send("ä€😀\n\u2028\u0000\"\\");
await until(1);
assert.equal(received[0], "ä€😀\n\u2028\u0000\"\\");

received.length = 0;
for (let i = 0; i < 1000; i++) socket.send(String(i));
await until(1000);
assert.deepEqual(received, [...Array(1000).keys()].map(String));

received.length = 0;
const big = "x".repeat(200_000); // streams end after 128 KiB, and are opened again
socket.send(big);
await until(1);
assert.equal(received[0], big);
socket.send("after");
await until(2);

const closed = new Promise((resolve) => (socket.onclose = resolve));
socket.send("close me");
const end = await closed;
assert.deepEqual([end.code, end.reason], [4001, "as you like"]);
console.log("all is well");
process.exit(0);
