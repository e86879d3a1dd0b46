// A small harness. A test is a function of t, or of nothing; it may return a promise. t.step_func and its kin are not needed:
// what a listener throws fails the test that runs.
const tests = {};
let failTest = null;
let area = ''; // the file that defines tests

function define(what, body) {
  const name = area + ': ' + what;
  if (tests[name]) throw new Error('two tests are called ' + name);
  tests[name] = body;
}

function run(name, passed, failed) {
  failTest = failed;
  try {
    Promise.resolve(tests[name]()).then(() => passed(), fault => failed(describe(fault)));
  } catch (fault) {
    failed(describe(fault));
  }
}

function uncaught(fault) {
  if (failTest) failTest('a listener threw ' + describe(fault));
}

function describe(fault) {
  return String(fault) + '\n' + (fault && fault.stack || '');
}

function assert_equals(actual, expected, what = '') {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what} is ${String(actual).slice(0, 200)}, expected ${String(expected).slice(0, 200)}`);
  }
}
const assert_true = (actual, what) => assert_equals(actual, true, what);
const assert_false = (actual, what) => assert_equals(actual, false, what);
function assert_array_equals(actual, expected, what) {
  assert_equals(JSON.stringify(Array.from(actual)), JSON.stringify(Array.from(expected)), what);
}
function assert_throws_dom(name, call) {
  try {
    call();
  } catch (fault) {
    assert_true(fault instanceof DOMException, `${fault} is a DOMException`);
    assert_equals(fault.name, name);
    return;
  }
  throw new Error(`nothing was thrown, expected ${name}`);
}
function assert_throws_js(type, call) {
  try {
    call();
  } catch (fault) {
    assert_true(fault instanceof type, `${fault} is a ${type.name}`);
    return;
  }
  throw new Error(`nothing was thrown, expected ${type.name}`);
}

const later = millis => new Promise(resolve => setTimeout(resolve, millis));
const next = (socket, type) => new Promise(resolve => socket.addEventListener(type, resolve, { once: true }));
// The types of all events of a socket, once it is closed.
function history(socket) {
  const types = [];
  for (const type of ['open', 'message', 'error', 'close']) socket.addEventListener(type, event => types.push(event.type));
  return new Promise(resolve => socket.addEventListener('close', () => later(0).then(() => resolve(types.join(' ')))));
}
async function opened(path = '/echo', protocols = []) {
  const socket = new WebSocket(SERVER + path, protocols);
  await next(socket, 'open');
  return socket;
}
async function echoed(socket, data) {
  const answer = next(socket, 'message');
  socket.send(data);
  return (await answer).data;
}
