// Intent of web-platform-tests websockets/: Send-*, binary/*, binaryType-wrong-value, interfaces/WebSocket/{send,bufferedAmount}/*.

async function assert_echoed(data, expected = data) {
  const socket = await opened();
  const answer = await echoed(socket, data);
  assert_equals(answer, expected);
  socket.close(1000);
  const event = await next(socket, 'close');
  assert_true(event.wasClean);
}

async function assert_bytes(data, expected, binaryType) {
  const socket = await opened();
  socket.binaryType = binaryType;
  const answer = await echoed(socket, data);
  if (binaryType === 'blob') {
    assert_true(answer instanceof Blob, 'a Blob');
    assert_equals(answer.size, expected.length);
    assert_equals(answer.type, '');
    assert_array_equals(new Uint8Array(await answer.arrayBuffer()), expected);
  } else {
    assert_true(answer instanceof ArrayBuffer, 'an ArrayBuffer');
    assert_array_equals(new Uint8Array(answer), expected);
  }
  socket.close();
}

define('before open it is an InvalidStateError', async () => {
  const socket = new WebSocket(SERVER + '/echo');
  assert_throws_dom('InvalidStateError', () => socket.send('early'));
  assert_throws_dom('InvalidStateError', () => socket.send(new Blob(['early'])));
  assert_throws_js(TypeError, () => socket.send());
  assert_equals(socket.bufferedAmount, 0);
  await next(socket, 'open');
  socket.close();
});

define('it returns undefined', async () => {
  const socket = await opened();
  assert_equals(socket.send('a'), undefined);
  socket.close();
  assert_equals(socket.send('a'), undefined);
});

define('text comes back', () => assert_echoed('Message to send'));
define('no text comes back', () => assert_echoed(''));
define('null is text', () => assert_echoed(null, 'null'));
define('undefined is text', () => assert_echoed(undefined, 'undefined'));
define('a number is text', () => assert_echoed(1.5, '1.5'));
define('an object is text', () => assert_echoed({ toString() { return 'object'; } }, 'object'));
define('a null character comes back', () => assert_echoed('a\u0000b'));
define('65,000 characters come back', () => assert_echoed('c'.repeat(65000)));
define('a million characters come back', () => assert_echoed('é'.repeat(500000)));
define('text beyond ASCII comes back', () => assert_echoed('¥¥¥¥¥¥ ÄÖ€ \uFEFFx'));
define('pairs of surrogates come back', () => assert_echoed('\uD801\uDC07'));
define('lone surrogates come back as U+FFFD', () => assert_echoed('\uD807 \uDC07\uD807', '\uFFFD \uFFFD\uFFFD'));

for (const binaryType of ['blob', 'arraybuffer']) {
  define(`an ArrayBuffer comes back as ${binaryType}`, () =>
    assert_bytes(Uint8Array.of(1, 2, 255).buffer, [1, 2, 255], binaryType));
  define(`an empty ArrayBuffer comes back as ${binaryType}`, () => assert_bytes(new ArrayBuffer(0), [], binaryType));
  define(`a Blob comes back as ${binaryType}`, () =>
    assert_bytes(new Blob(['é', Uint8Array.of(7)], { type: 'a/b' }), [0xC3, 0xA9, 7], binaryType));
  define(`65,000 bytes come back as ${binaryType}`, () => {
    const bytes = new Uint8Array(65000).map((_, i) => i * 31);
    return assert_bytes(bytes.buffer, bytes, binaryType);
  });
}

for (const [type, bytes] of [[Int8Array, 1], [Uint8Array, 1], [Uint8ClampedArray, 1], [Int16Array, 2], [Uint16Array, 2],
  [Int32Array, 4], [Uint32Array, 4], [Float32Array, 4], [Float64Array, 8], [BigInt64Array, 8], [DataView, 1]]) {
  define(`of a ${type.name} the part that it shows is sent`, async () => {
    const buffer = new Uint8Array(32).map((_, i) => i).buffer;
    await assert_bytes(new type(buffer), Array.from({ length: 32 }, (_, i) => i), 'arraybuffer');
    await assert_bytes(new type(buffer, 8), Array.from({ length: 24 }, (_, i) => i + 8), 'arraybuffer');
    await assert_bytes(new type(buffer, 8, 16 / bytes), Array.from({ length: 16 }, (_, i) => i + 8), 'blob');
  });
}

define('of a Blob the slice is sent', () => assert_bytes(new Blob(['abcdef']).slice(2, -1), [99, 100, 101], 'blob'));

define('what is changed after send is sent as it was', async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const socket = await opened();
  socket.binaryType = 'arraybuffer';
  const answer = next(socket, 'message');
  socket.send(bytes);
  bytes.fill(9);
  assert_array_equals(new Uint8Array((await answer).data), [1, 2, 3]);
  socket.close();
});

define('binaryType is blob or arraybuffer', async () => {
  const socket = await opened();
  assert_equals(socket.binaryType, 'blob');
  socket.binaryType = 'arraybuffer';
  for (const wrong of ['', 'notBlobOrArrayBuffer', 'Blob', null, undefined, 1]) {
    socket.binaryType = wrong;
    assert_equals(socket.binaryType, 'arraybuffer');
  }
  socket.binaryType = 'blob';
  assert_equals(socket.binaryType, 'blob');
  socket.close();
  socket.binaryType = 'arraybuffer';
  assert_equals(socket.binaryType, 'arraybuffer');
});

for (const [what, data, bytes] of [['text', 'x'.repeat(15), 15], ['text beyond ASCII', 'aé€\uD801\uDC07', 10],
  ['a lone surrogate', '\uD807', 3], ['an ArrayBuffer', new ArrayBuffer(15), 15], ['a Blob', new Blob(['x'.repeat(15)]), 15],
  ['a view', new Uint16Array(new ArrayBuffer(32), 8, 4), 8], ['much text', 'c'.repeat(65000), 65000]]) {
  define(`${what} counts as ${bytes} bytes until the turn is over`, async () => {
    const socket = await opened();
    assert_equals(socket.bufferedAmount, 0);
    socket.send(data);
    assert_equals(socket.bufferedAmount, bytes);
    socket.send(data);
    assert_equals(socket.bufferedAmount, 2 * bytes);
    await next(socket, 'message');
    while (socket.bufferedAmount > 0) await later(1);
    socket.close();
  });
  define(`${what} counts as ${bytes} bytes for good after close`, async () => {
    const socket = await opened();
    socket.close();
    socket.send(data);
    assert_equals(socket.bufferedAmount, bytes);
    await next(socket, 'close');
    assert_equals(socket.bufferedAmount, bytes);
    socket.send(data);
    assert_equals(socket.bufferedAmount, 2 * bytes);
    await later(20);
    assert_equals(socket.bufferedAmount, 2 * bytes);
  });
}

define('bufferedAmount cannot be set or deleted', async () => {
  const socket = await opened();
  try { socket.bufferedAmount = 7; } catch (fault) { /* in strict mode */ }
  assert_equals(socket.bufferedAmount, 0);
  assert_true(delete socket.bufferedAmount);
  assert_equals(socket.bufferedAmount, 0);
  socket.close();
});

define('bufferedAmount does not grow by close', async () => {
  const socket = await opened();
  socket.close(1000, 'reason');
  assert_equals(socket.bufferedAmount, 0);
  await next(socket, 'close');
  assert_equals(socket.bufferedAmount, 0);
});

define('many messages of 64 KiB go out while the page does other things', async () => {
  const socket = await opened('/count');
  const data = new ArrayBuffer(64 << 10);
  const answer = next(socket, 'message');
  for (let i = 0; i < 100; i++) socket.send(data);
  socket.send('how many');
  assert_equals((await answer).data, String(100 * (64 << 10)));
  socket.close();
});

define('what was sent before close arrives', async () => {
  const socket = await opened('/count');
  for (let i = 0; i < 10; i++) socket.send('x'.repeat(100000));
  socket.send('close when you have 1000000');
  assert_equals((await next(socket, 'close')).reason, '1000000');
});
