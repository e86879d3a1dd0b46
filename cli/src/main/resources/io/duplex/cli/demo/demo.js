/* The Duplex demo page: the browser's own WebSocket, no library. */
(() => {
  'use strict';

  const $ = (id) => document.getElementById(id);
  const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const darkScheme = matchMedia('(prefers-color-scheme: dark)');

  // ---------------------------------------------------------------- helpers

  /** An element with a class and a text; texts of other users only ever go through textContent. */
  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function plural(count, word) {
    return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
  }

  function bytesText(count) {
    if (count < 1024) return `${count} B`;
    if (count < 1048576) return `${trim(count / 1024)} KiB`;
    return `${trim(count / 1048576)} MiB`;
  }

  function trim(value) {
    return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
  }

  function millis(value) {
    if (value >= 10000) return `${(value / 1000).toFixed(1)} s`;
    return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ms`;
  }

  function utf8Length(text) {
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) length += 1;
      else if (unit < 0x800) length += 2;
      else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length
          && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) { length += 4; i++; }
      else length += 3;
    }
    return length;
  }

  function clockText(date, withMillis) {
    const two = (n) => String(n).padStart(2, '0');
    const base = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    return withMillis ? `${base}.${String(date.getMilliseconds()).padStart(3, '0')}` : base;
  }

  function socketUrl(path) {
    const url = new URL(path, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    url.search = '';
    url.hash = '';
    return url.href;
  }

  function remember(key, value) {
    try { localStorage.setItem(key, value); } catch { /* storage may be switched off */ }
  }

  function recall(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }

  // ------------------------------------------------------------ close codes

  // RFC 6455 section 7.4.1 and the codes registered with IANA later.
  const CODES = new Map([
    [1000, ['Normal closure', 'The connection has done what it was opened for.']],
    [1001, ['Going away', 'The server is shutting down, or the browser is leaving the page.']],
    [1002, ['Protocol error', 'The other side broke a rule of the WebSocket protocol.']],
    [1003, ['Unsupported data', 'The endpoint got a kind of data it does not take, such as binary where it takes only text.']],
    [1004, ['Reserved', 'Has no meaning yet and must not be sent.']],
    [1005, ['No status received', 'The close frame carried no code. Never on the wire; the browser reports it.']],
    [1006, ['Abnormal closure', 'The connection ended without a close frame: server or network gone, or the handshake did not succeed. Never on the wire; the browser reports it.']],
    [1007, ['Invalid payload data', 'A message did not fit its type, such as text that is not UTF-8.']],
    [1008, ['Policy violation', 'A message broke a policy of the endpoint and no other code fits.']],
    [1009, ['Message too big', 'A message was larger than the endpoint takes.']],
    [1010, ['Mandatory extension', 'The client needed an extension that the server did not negotiate.']],
    [1011, ['Internal error', 'The server ran into something unexpected.']],
    [1012, ['Service restart', 'The server is restarting; come back after a short random wait.']],
    [1013, ['Try again later', 'The server is overloaded; come back later.']],
    [1014, ['Bad gateway', 'A gateway got an invalid answer from the server behind it.']],
    [1015, ['TLS handshake failed', 'The secure connection could not be set up. Never on the wire; an endpoint reports it to its own application.']],
  ]);

  const RANGES = [
    ['0–999', 'Not used', 'Outside the protocol.'],
    ['1016–2999', 'Reserved', 'Kept for later versions of the protocol and its extensions.'],
    ['3000–3999', 'Registered', 'For libraries and frameworks, registered with IANA.'],
    ['4000–4999', 'Private use', 'Means whatever the two sides agreed on.'],
  ];

  function rangeOf(code) {
    if (code < 1000) return 0;
    if (code < 3000) return 1;
    return code < 4000 ? 2 : 3;
  }

  function codeMeaning(code) {
    return CODES.get(code) || RANGES[rangeOf(code)].slice(1);
  }

  /** Closes after which another attempt has a chance. The rest were meant, or would repeat themselves. */
  const WORTH_RETRYING = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015]);

  const codeRows = new Map();

  function buildCodeTable() {
    const add = (key, label, title, words) => {
      const row = make('tr');
      row.append(make('td', '', label));
      const cell = make('td');
      cell.append(make('b', '', title), words);
      row.append(cell);
      codeRows.set(key, row);
      $('code-table').append(row);
    };
    add('range0', ...RANGES[0]);
    for (const [code, [title, words]] of CODES) add(code, String(code), title, words);
    for (let i = 1; i < RANGES.length; i++) add(`range${i}`, ...RANGES[i]);
  }

  // ---------------------------------------------------------------- traffic

  const traffic = {
    outCount: 0, outBytes: 0, inCount: 0, inBytes: 0,
    unaskedCount: 0, unaskedBytes: 0, handshakes: 0,
  };
  const openSockets = new Set();
  let trafficDirty = true;

  function countOut(bytes) {
    traffic.outCount++;
    traffic.outBytes += bytes;
    trafficDirty = true;
    wire.pulse('out', bytes);
  }

  function countIn(bytes) {
    traffic.inCount++;
    traffic.inBytes += bytes;
    trafficDirty = true;
    wire.pulse('in', bytes);
  }

  function countUnasked(bytes) {
    traffic.unaskedCount++;
    traffic.unaskedBytes += bytes;
  }

  /** The echo bench asks for every message it gets, so its handshakes stay out of the comparison with polling. */
  function trackOpen(socket, asked) {
    if (!asked) traffic.handshakes++;
    openSockets.add(socket);
    trafficDirty = true;
    wire.wake();
  }

  function trackClosed(socket) {
    openSockets.delete(socket);
    wire.wake();
  }

  function showTraffic() {
    if (!trafficDirty) return;
    trafficDirty = false;
    setText($('out-count'), traffic.outCount.toLocaleString('en'));
    setText($('in-count'), traffic.inCount.toLocaleString('en'));
    setText($('out-bytes'), bytesText(traffic.outBytes));
    setText($('in-bytes'), bytesText(traffic.inBytes));
    const line = $('polling');
    line.hidden = traffic.unaskedCount < 20; // a handful says nothing
    if (!line.hidden) {
      const n = traffic.unaskedCount;
      setText(line, `${plural(n, 'message')} with ${plural(traffic.unaskedBytes, 'byte')} of content reached this page `
        + `unasked, after ${plural(traffic.handshakes, 'handshake')}. A polling page would have sent at least `
        + `${plural(n, 'request')} to show each of them when the server sent it.`);
    }
  }

  // ------------------------------------------------------- canvas utilities

  const palette = {};

  function readPalette() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['out', 'in', 'line', 'muted', 'bad', 'ink', 'field-line']) {
      palette[name] = style.getPropertyValue(`--${name}`).trim();
    }
    palette.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  }

  /** Fits the bitmap to the box on the screen; returns the context in CSS pixels. */
  function prepare(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return { context, width, height };
  }

  // --------------------------------------------------------------- the wire

  const wire = (() => {
    const canvas = $('wire');
    const TRAVEL = 1100;
    const MOST = 160;
    let pulses = [];
    let scheduled = false;

    function draw(now) {
      scheduled = false;
      const { context, width, height } = prepare(canvas);
      if (!width) return;
      const lanes = { out: height * 0.32, in: height * 0.68 };
      const linked = openSockets.size > 0;
      context.lineWidth = 2;
      context.lineCap = 'round';
      for (const lane of ['out', 'in']) {
        const y = lanes[lane];
        const forward = lane === 'out';
        context.strokeStyle = linked ? palette[lane] : palette['field-line'];
        context.globalAlpha = linked ? 0.35 : 0.7;
        context.setLineDash(linked ? [] : [3, 8]);
        context.beginPath();
        context.moveTo(6, y);
        context.lineTo(width - 6, y);
        context.stroke();
        context.setLineDash([]);
        context.globalAlpha = linked ? 1 : 0.7;
        context.beginPath();
        const tip = forward ? width - 4 : 4;
        const back = forward ? tip - 7 : tip + 7;
        context.moveTo(back, y - 6);
        context.lineTo(tip, y);
        context.lineTo(back, y + 6);
        context.stroke();
      }
      pulses = pulses.filter((p) => now - p.start < TRAVEL);
      for (const p of pulses) {
        const part = Math.max(0, (now - p.start) / TRAVEL);
        const eased = part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part);
        const x = 12 + (width - 24) * (p.lane === 'out' ? eased : 1 - eased);
        context.globalAlpha = Math.min(1, part * 8, (1 - part) * 8);
        context.fillStyle = palette[p.lane];
        context.beginPath();
        context.arc(x, lanes[p.lane], p.radius, 0, Math.PI * 2);
        context.fill();
      }
      context.globalAlpha = 1;
      if (pulses.length) wake();
    }

    function wake() {
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(draw);
    }

    function pulse(lane, bytes) {
      if (reducedMotion.matches || document.hidden || pulses.length >= MOST) return;
      const radius = Math.min(10, 3 + Math.log10(Math.max(1, bytes)) * 0.95);
      pulses.push({ lane, radius, start: performance.now() });
      wake();
    }

    return { pulse, wake };
  })();

  // ------------------------------------------------------------------- chat

  const DEFAULT_ROOM = 'lobby';
  const ROOM_FORM = /^(?!\.{1,2}$)[\p{L}\p{N} ._~-]{1,40}$/u;
  const BACKOFF_FIRST = 1000;
  const BACKOFF_MOST = 30000;
  const STEADY_AFTER = 5000;
  const LOG_MOST = 300;
  const ANIMALS = ['Otter', 'Heron', 'Lynx', 'Plover', 'Badger', 'Marten', 'Curlew', 'Beaver', 'Falcon', 'Hare'];

  const chat = {
    socket: null,
    number: 0,
    room: DEFAULT_ROOM,
    shownState: null,
    shownSince: 0,
    seenStates: new Set(),
    ownClose: false,
    everOpen: false,
    pending: [],
    attempts: 0,
    retryTimer: 0,
    retryAt: 0,
    retrySpan: 0,
    retryCap: 0,
    steadyTimer: 0,
    lastCloseRetryable: false,
    retryNote: null,
  };

  function randomName(except) {
    let name;
    do {
      name = `${ANIMALS[Math.floor(Math.random() * ANIMALS.length)]} ${10 + Math.floor(Math.random() * 90)}`;
    } while (name === except);
    return name;
  }

  function myName() {
    const field = $('name');
    let name = field.value.trim();
    if (!name) {
      name = randomName();
      field.value = name;
    }
    return name;
  }

  function roomFromHash() {
    return new URLSearchParams(location.hash.slice(1)).get('room');
  }

  function roomOk(room) {
    return typeof room === 'string' && ROOM_FORM.test(room.trim());
  }

  function pageLink(room, name) {
    const url = new URL(location.href);
    url.search = name ? `?name=${encodeURIComponent(name)}` : '';
    url.hash = `room=${encodeURIComponent(room)}`;
    return url.href;
  }

  function showRoom(room) {
    chat.room = room;
    if ($('room').value.trim() !== room) $('room').value = room;
    document.title = `${room} · Duplex demo`;
    $('second-window').href = pageLink(room, randomName($('name').value.trim()));
  }

  /** Puts the room into the address, so that a reload and a copied address lead to the same room. */
  function addressRoom(room, asNewEntry) {
    const url = new URL(location.href);
    url.searchParams.delete('room');
    url.hash = `room=${encodeURIComponent(room)}`;
    if (url.href === location.href) return;
    try {
      if (asNewEntry) history.pushState(null, '', url.href);
      else history.replaceState(null, '', url.href);
    } catch { /* a file:// page may not change its address */ }
  }

  function currentState() {
    return chat.socket ? chat.socket.readyState : WebSocket.CLOSED;
  }

  /** Looks at readyState and shows what changed. CLOSING has no event of its own, so this also runs on a timer. */
  function syncState() {
    const state = currentState();
    if (state !== chat.shownState) {
      const now = performance.now();
      if (chat.socket) noteTransition(chat.shownState, state, now - chat.shownSince);
      chat.shownState = state;
      chat.seenStates.add(state);
      chat.shownSince = now;
      setText($('state'), STATES[state]);
      document.body.dataset.state = STATES[state];
      for (const step of document.querySelectorAll('.steps li')) {
        const own = Number(step.dataset.step);
        step.classList.toggle('passed', own < state && chat.seenStates.has(own));
        if (own === state) step.setAttribute('aria-current', 'step');
        else step.removeAttribute('aria-current');
      }
      const closed = state === WebSocket.CLOSED;
      $('close').disabled = closed || state === WebSocket.CLOSING;
      $('reconnect').disabled = !closed;
      setText($('join'), closed ? 'Connect' : 'Join');
      if (state === WebSocket.OPEN) setText($('say-hint'), '');
      else showMembers(null);
    }
    const open = chat.everOpen; // before that, and after a failed handshake, nothing was negotiated
    setText($('url'), chat.socket ? chat.socket.url : '–');
    setText($('extensions'), open ? chat.socket.extensions || 'none' : '–');
    setText($('protocol'), open ? chat.socket.protocol || 'none' : '–');
    setText($('buffered'), bytesText(chat.socket ? chat.socket.bufferedAmount : 0));
  }

  function noteTransition(from, to, took) {
    const item = make('li');
    const fresh = to === WebSocket.CONNECTING;
    item.append(
      make('span', 'when', clockText(new Date(), true)),
      make('span', 'what-changed', fresh ? `new → ${STATES[to]}` : `${STATES[from]} → ${STATES[to]}`),
      make('span', 'took', fresh ? `socket ${chat.number}` : `after ${millis(took)}`));
    const list = $('transitions');
    list.prepend(item);
    while (list.children.length > 40) list.lastChild.remove();
  }

  function showMembers(count) {
    setText($('members'), count === null ? '–' : String(count));
    setText($('members-word'), count === 1 ? 'member' : 'members');
  }

  function connect() {
    stopRetry();
    const old = chat.socket;
    if (old && old.readyState < WebSocket.CLOSING) {
      old.leaving = true;
      old.close(1000, 'changing rooms');
    }
    chat.ownClose = false;
    chat.everOpen = false;
    chat.pending = [];
    chat.shownState = null;
    chat.seenStates.clear();
    clearTimeout(chat.steadyTimer);
    setText($('close-error'), '');

    let socket;
    try {
      socket = new WebSocket(socketUrl(`/chat/${encodeURIComponent(chat.room)}`));
    } catch (error) {
      chat.socket = null;
      syncState();
      addNote(`The browser refused to connect: ${error.message}`, true);
      return;
    }
    socket.number = ++chat.number;
    chat.socket = socket;
    setText($('socket-number'), `chat socket ${socket.number}`);
    syncState();
    setText($('reconnect-status'), chat.attempts
      ? `Attempt ${chat.attempts}: connecting…`
      : 'After an abnormal close: exponential back-off with full jitter.');

    socket.addEventListener('open', () => {
      trackOpen(socket);
      if (socket !== chat.socket) return;
      chat.everOpen = true;
      syncState();
      // Only a connection that lasts clears the back-off; one that is dropped at once must not be hammered.
      chat.steadyTimer = setTimeout(() => {
        chat.attempts = 0;
        if (socket === chat.socket) setText($('reconnect-status'), 'Connected. After an abnormal close: exponential back-off with full jitter.');
      }, STEADY_AFTER);
      if (chat.attempts) setText($('reconnect-status'), `Connected at attempt ${chat.attempts}.`);
      push.resume();
    });
    socket.addEventListener('message', (event) => {
      if (typeof event.data !== 'string') return;
      const bytes = utf8Length(event.data);
      countIn(bytes);
      if (socket === chat.socket) receive(event.data, bytes);
    });
    socket.addEventListener('close', (event) => {
      trackClosed(socket);
      showClose(event, socket);
      if (socket === chat.socket) closed(event);
    });
  }

  function receive(data, bytes) {
    let message;
    try { message = JSON.parse(data); } catch { return; }
    if (!message || typeof message !== 'object') return;
    if (message.type === 'say' && typeof message.text === 'string') {
      const name = typeof message.name === 'string' ? message.name : '';
      const index = chat.pending.findIndex((p) => p.text === message.text && p.name === name);
      const sent = index >= 0 ? chat.pending.splice(index, 1)[0] : null;
      if (!sent) countUnasked(bytes);
      addMessage(name || 'somebody', message.text, message.at, sent);
      return;
    }
    if (message.type === 'welcome') { // the answer to joining, so not unasked
      addNote(`You are in ${typeof message.room === 'string' ? message.room : chat.room}.`
        + (message.members === 1 ? ' Nobody else is here yet.' : ''));
      if (Number.isFinite(message.members)) showMembers(message.members);
    } else if (message.type === 'members' && Number.isFinite(message.count)) {
      countUnasked(bytes);
      showMembers(message.count);
    }
  }

  function closed(event) {
    clearTimeout(chat.steadyTimer);
    syncState();
    const lost = chat.pending.length;
    chat.pending = [];
    const [title] = codeMeaning(event.code);
    const what = chat.ownClose ? 'You closed the connection' : chat.everOpen ? 'The connection ended' : 'No connection';
    chat.lastCloseRetryable = !chat.ownClose && WORTH_RETRYING.has(event.code);
    let next = '';
    if (chat.ownClose) {
      setText($('reconnect-status'), 'You closed it, so the page does not reconnect by itself.');
    } else if (!chat.lastCloseRetryable) {
      setText($('reconnect-status'), `Not reconnecting: the server meant it (${event.code}, ${title.toLowerCase()}).`);
    } else if ($('auto-reconnect').checked) {
      scheduleRetry();
      next = ` Trying again in ${(chat.retrySpan / 1000).toFixed(1)} s.`;
    } else {
      setText($('reconnect-status'), 'Reconnecting is switched off.');
    }
    const unsure = lost ? ` ${plural(lost, 'message')} had not come back yet and may be lost.` : '';
    // Attempts that fail one after the other share one line.
    if (chat.retryNote && chat.retryNote === $('log').lastChild) chat.retryNote.remove();
    const note = addNote(`${what}: ${event.code}, ${title.toLowerCase()}.${unsure}${next}`, !chat.ownClose);
    chat.retryNote = chat.everOpen ? null : note;
  }

  function showClose(event, socket) {
    const [title, words] = codeMeaning(event.code);
    const box = $('close-event');
    box.className = `close-event ${event.wasClean ? 'clean' : 'unclean'}`;
    const headline = make('p', 'headline');
    headline.append(make('span', 'number', String(event.code)), ' ', make('span', 'title', title));
    const list = make('dl');
    const row = (name, value) => list.append(make('dt', '', name), make('dd', '', value));
    row('reason', event.reason || '(empty)');
    row('wasClean', String(event.wasClean));
    row('socket', `${socket.number}, ${socket.leaving ? 'left for another' : socket.byUser ? 'closed by you' : 'not closed by you'}, ${clockText(new Date(), true)}`);
    box.replaceChildren(headline, make('p', 'words', words), list);
    for (const element of codeRows.values()) element.classList.remove('seen');
    const seen = codeRows.get(event.code) || codeRows.get(`range${rangeOf(event.code)}`);
    seen.classList.add('seen');
  }

  // -------------------------------------------------------------- reconnect

  function scheduleRetry() {
    stopRetry();
    chat.attempts++;
    chat.retryCap = Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** (chat.attempts - 1));
    chat.retrySpan = Math.random() * chat.retryCap;
    chat.retryAt = performance.now() + chat.retrySpan;
    chat.retryTimer = setTimeout(connect, chat.retrySpan);
    showCountdown();
  }

  function stopRetry() {
    clearTimeout(chat.retryTimer);
    chat.retryTimer = 0;
    $('countdown-bar').style.transform = 'scaleX(0)';
  }

  function showCountdown() {
    if (!chat.retryTimer) return;
    const left = Math.max(0, chat.retryAt - performance.now());
    setText($('reconnect-status'), `Attempt ${chat.attempts} in ${(left / 1000).toFixed(1)} s `
      + `(${(chat.retrySpan / 1000).toFixed(1)} s, drawn at random from 0 to ${chat.retryCap / 1000} s).`);
    $('countdown-bar').style.transform = `scaleX(${chat.retrySpan ? left / chat.retrySpan : 0})`;
  }

  // ---------------------------------------------------------------- the log

  function nearEnd() {
    const log = $('log');
    return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  }

  function append(element, force) {
    const log = $('log');
    const follow = force || nearEnd();
    log.append(element);
    while (log.children.length > LOG_MOST) log.firstChild.remove();
    if (follow) log.scrollTop = log.scrollHeight;
    else $('to-end').hidden = false;
  }

  function toneOf(name) {
    let hash = 0;
    for (const character of name) hash = (hash * 31 + character.codePointAt(0)) >>> 0;
    return `tone-${hash % 8}`;
  }

  function addMessage(name, text, at, sent) {
    const item = make('div', `message ${sent ? 'own' : 'other'} ${toneOf(name)}`);
    const face = make('span', 'face', [...name.trim()][0] || '?');
    face.setAttribute('aria-hidden', 'true');
    const meta = make('p', 'meta');
    const time = make('time');
    const date = new Date(Number.isFinite(at) ? at : Date.now());
    if (!Number.isNaN(date.getTime())) {
      time.dateTime = date.toISOString();
      time.textContent = clockText(date, false);
      time.title = date.toLocaleString();
    }
    const who = make('bdi', 'who', name);
    meta.append(who, time);
    if (sent) meta.append(make('span', 'trip', `back in ${millis(performance.now() - sent.at)}`));
    const what = make('p', 'what', text);
    what.dir = 'auto';
    item.append(face, meta, what);
    append(item, Boolean(sent));
  }

  function addNote(text, bad) {
    const note = make('p', bad ? 'note bad' : 'note', `${clockText(new Date(), false)}  ${text}`);
    append(note);
    return note;
  }

  function say() {
    const field = $('text');
    const text = field.value.trim();
    if (!text) return;
    if (currentState() !== WebSocket.OPEN) {
      setText($('say-hint'), `Not sent, the connection is ${STATES[currentState()]}. Your text stays here.`);
      return;
    }
    const name = myName();
    const data = JSON.stringify({ type: 'say', name, text });
    chat.pending.push({ name, text, at: performance.now() });
    chat.socket.send(data);
    countOut(utf8Length(data));
    field.value = '';
    setText($('say-hint'), '');
    syncState();
  }

  function join(room, asNewEntry) {
    showRoom(room);
    addressRoom(room, asNewEntry);
    chat.attempts = 0;
    connect();
  }

  async function copyLink() {
    const link = pageLink(chat.room);
    let done = false;
    try {
      await navigator.clipboard.writeText(link);
      done = true;
    } catch { /* no clipboard without a secure origin; the link is shown instead */ }
    setText($('copy-result'), done ? `Copied: ${link}` : `Copy this: ${link}`);
  }

  function closeByUser() {
    const error = $('close-error');
    const codeField = $('close-code');
    const code = codeField.value.trim();
    const reason = $('close-reason').value;
    setText(error, '');
    codeField.removeAttribute('aria-invalid');
    if (!chat.socket || currentState() >= WebSocket.CLOSING) return;
    if (code && !/^\d+$/.test(code)) {
      codeField.setAttribute('aria-invalid', 'true');
      setText(error, 'The code is a number.');
      return;
    }
    if (!code && reason) {
      setText(error, 'A reason needs a code before it.');
      return;
    }
    try {
      // The browser itself says no to codes a page may not send and to reasons over 123 bytes.
      if (code) chat.socket.close(Number(code), reason);
      else chat.socket.close();
    } catch (refused) {
      setText(error, `Refused by the browser, ${refused.name}: ${refused.message.replace(/^.*?on 'WebSocket': /, '')}`);
      if (refused.name === 'InvalidAccessError') codeField.setAttribute('aria-invalid', 'true');
      return;
    }
    chat.ownClose = true;
    chat.socket.byUser = true;
    syncState();
  }

  function showReasonBytes() {
    const used = utf8Length($('close-reason').value);
    setText($('reason-bytes'), `${used} of 123 bytes`);
    $('reason-bytes').classList.toggle('over', used > 123);
  }

  // ------------------------------------------------------------------- push

  const push = (() => {
    const KEPT = 120;
    let socket = null;
    let gaps = [];
    let arrivals = [];
    let last = 0;
    let count = 0;
    let missed = 0;
    let sequence = null;
    let resumable = false;
    let dirty = false;
    let drawnAt = 0;
    let scheduled = false;

    function toggle() {
      if (socket) {
        stop();
      } else {
        gaps = [];
        count = 0;
        missed = 0;
        start();
      }
    }

    function live(on) {
      setText($('push-toggle'), on ? 'Stop' : 'Start');
      document.querySelector('.push').classList.toggle('live', on);
    }

    function start() {
      resumable = false;
      arrivals = [];
      last = 0;
      sequence = null;
      const mine = new WebSocket(socketUrl('/push'));
      socket = mine;
      live(true);
      setText($('push-status'), 'Connecting…');
      mine.addEventListener('open', () => {
        trackOpen(mine);
        if (mine === socket) setText($('push-status'), '');
      });
      mine.addEventListener('message', (event) => {
        const now = performance.now();
        if (typeof event.data !== 'string') return;
        const bytes = utf8Length(event.data);
        countIn(bytes);
        countUnasked(bytes);
        if (mine === socket) tick(event.data, now);
      });
      mine.addEventListener('close', (event) => {
        trackClosed(mine);
        if (mine !== socket) return;
        socket = null;
        resumable = WORTH_RETRYING.has(event.code);
        live(false);
        setText($('push-status'), `Ended by the other side: ${event.code}, ${codeMeaning(event.code)[0].toLowerCase()}.`
          + (resumable ? ' Goes on when the chat connection is back.' : ''));
        refresh();
      });
      refresh();
    }

    function stop() {
      const mine = socket;
      socket = null;
      resumable = false;
      mine.close(1000, 'stopped');
      live(false);
      setText($('push-status'), '');
      refresh();
    }

    function tick(data, now) {
      let message;
      try { message = JSON.parse(data); } catch { return; }
      if (!message || typeof message !== 'object') return;
      count++;
      if (last) {
        gaps.push(now - last);
        if (gaps.length > KEPT) gaps.shift();
      }
      last = now;
      arrivals.push(now);
      if (Number.isFinite(message.sequence)) {
        if (sequence !== null && message.sequence > sequence + 1) missed += message.sequence - sequence - 1;
        sequence = message.sequence;
      }
      const found = typeof message.time === 'string' && /T(\d\d:\d\d:\d\d)(\.\d+)?/.exec(message.time);
      if (found) {
        const fraction = (found[2] || '.').padEnd(4, '0').slice(0, 4);
        setText($('push-time'), found[1] + fraction);
        $('push-time').dateTime = message.time;
      }
      setText($('push-count'), String(count));
      dirty = true;
      schedule();
    }

    function refresh() {
      setText($('push-count'), String(count));
      dirty = true;
      figures();
      schedule();
    }

    function figures() {
      if (!dirty && !socket) return;
      dirty = false;
      const now = performance.now();
      arrivals = arrivals.filter((t) => now - t < 5000);
      const span = arrivals.length ? now - arrivals[0] : 0;
      setText($('push-rate'), socket && span > 900 ? ((arrivals.length - 1) * 1000 / span).toFixed(1)
        : socket && count && !arrivals.length ? '0.0' : '–');
      setText($('push-missed'), String(missed));
      if (gaps.length < 2) {
        for (const id of ['push-gap', 'push-jitter', 'push-max']) setText($(id), '–');
        $('push-canvas').setAttribute('aria-label', 'Gaps between arriving messages. Nothing measured yet.');
        return;
      }
      const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
      const jitter = gaps.reduce((a, b) => a + Math.abs(b - mean), 0) / gaps.length;
      const most = Math.max(...gaps);
      setText($('push-gap'), millis(mean));
      setText($('push-jitter'), millis(jitter));
      setText($('push-max'), millis(most));
      $('push-canvas').setAttribute('aria-label',
        `Gaps between arriving messages: mean ${millis(mean)}, jitter ${millis(jitter)}, longest ${millis(most)}.`);
    }

    function schedule() {
      if (scheduled) return;
      scheduled = true;
      const wait = reducedMotion.matches ? Math.max(0, 1000 - (performance.now() - drawnAt)) : 0;
      setTimeout(() => requestAnimationFrame(draw), wait);
    }

    function draw() {
      scheduled = false;
      drawnAt = performance.now();
      const { context, width, height } = prepare($('push-canvas'));
      if (!width) return;
      const left = 54;
      const right = 10;
      const top = 14;
      const bottom = 12;
      const most = gaps.length ? Math.max(...gaps) : 0;
      const scale = [200, 400, 1000, 2000, 5000, 10000, 30000, 60000, Infinity].find((s) => most <= s * 0.98);
      const ceiling = scale === Infinity ? most : scale;
      const y = (gap) => height - bottom - (height - bottom - top) * Math.min(1, gap / ceiling);
      context.font = palette.font;
      context.textBaseline = 'middle';
      context.textAlign = 'right';
      context.lineWidth = 1;
      for (const value of [0, ceiling / 2, ceiling]) {
        const line = Math.round(y(value)) + 0.5;
        context.strokeStyle = palette.line;
        context.beginPath();
        context.moveTo(left, line);
        context.lineTo(width - right, line);
        context.stroke();
        context.fillStyle = palette.muted;
        context.fillText(ceiling >= 2000 ? `${+(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`, left - 7, line);
      }
      const step = (width - left - right) / KEPT;
      const dot = Math.max(1.6, Math.min(2.6, step * 0.42));
      for (let i = 0; i < gaps.length; i++) {
        const x = width - right - (gaps.length - i - 0.5) * step;
        context.globalAlpha = 0.28;
        context.strokeStyle = palette.in;
        context.lineWidth = Math.max(1, step * 0.4);
        context.beginPath();
        context.moveTo(x, y(0));
        context.lineTo(x, y(gaps[i]));
        context.stroke();
        context.globalAlpha = i === gaps.length - 1 ? 1 : 0.85;
        context.fillStyle = palette.in;
        context.beginPath();
        context.arc(x, y(gaps[i]), i === gaps.length - 1 ? dot + 1.6 : dot, 0, Math.PI * 2);
        context.fill();
      }
      context.globalAlpha = 1;
      if (!gaps.length) {
        context.textAlign = 'center';
        context.font = palette.font.replace('11px', '14px');
        context.fillStyle = palette.muted;
        context.fillText(socket ? 'waiting for the first messages…' : 'gap between messages, drawn as they arrive',
          left + (width - left - right) / 2, height / 2 - 22);
      }
    }

    function resume() {
      if (resumable && !socket) start();
    }

    return { toggle, figures, resume, redraw: schedule };
  })();

  // ------------------------------------------------------------------- echo

  const echo = (() => {
    const PATIENCE = 60000;
    let running = false;

    function randomBytes(size) {
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += 65536) {
        crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65536)));
      }
      return bytes;
    }

    /** Random text of exactly that many bytes in UTF-8, with characters of two, three and four bytes in it. */
    function randomText(size) {
      const bytes = randomBytes(size);
      for (let i = 0; i < size; i++) bytes[i] = 0x21 + bytes[i] % 94;
      const mixed = new TextEncoder().encode('é€😀');
      for (let at = 8; at + mixed.length <= size; at += 64) bytes.set(mixed, at);
      return new TextDecoder().decode(bytes);
    }

    function sameBytes(a, b) {
      if (a.byteLength !== b.byteLength) return false;
      const words = a.byteLength >> 2;
      const left = new Uint32Array(a.buffer, 0, words);
      const right = new Uint32Array(b.buffer, 0, words);
      for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
      for (let i = words << 2; i < a.byteLength; i++) if (a[i] !== b[i]) return false;
      return true;
    }

    function exchange(content, size, binary) {
      return new Promise((resolve, reject) => {
        const begun = performance.now();
        const socket = new WebSocket(socketUrl('/echo'));
        socket.binaryType = 'arraybuffer';
        let sentAt = 0;
        let handshake = 0;
        let buffered = 0;
        const timer = setTimeout(() => {
          reject(new Error(`nothing came back within ${PATIENCE / 1000} s`));
          socket.close(1000, 'gave up');
        }, PATIENCE);
        socket.addEventListener('open', () => {
          trackOpen(socket, true);
          handshake = performance.now() - begun;
          sentAt = performance.now();
          socket.send(content);
          buffered = socket.bufferedAmount;
          countOut(size);
        });
        socket.addEventListener('message', (event) => {
          const trip = performance.now() - sentAt;
          clearTimeout(timer);
          const isBinary = typeof event.data !== 'string';
          countIn(isBinary ? event.data.byteLength : event.data === content ? size : utf8Length(event.data));
          socket.close(1000, 'done');
          if (isBinary !== binary) {
            reject(new Error(`sent as ${binary ? 'binary' : 'text'}, came back as ${isBinary ? 'binary' : 'text'}`));
            return;
          }
          const equal = binary ? sameBytes(content, new Uint8Array(event.data)) : event.data === content;
          if (equal) resolve({ trip, handshake, buffered });
          else reject(new Error('the content came back changed'));
        });
        socket.addEventListener('close', (event) => {
          clearTimeout(timer);
          trackClosed(socket);
          const reason = event.reason ? `, “${event.reason}”` : '';
          reject(new Error(`closed with ${event.code}, ${codeMeaning(event.code)[0].toLowerCase()}${reason}`));
        });
      });
    }

    function show(className, text, detail) {
      const box = $('echo-result');
      box.className = `echo-result ${className}`;
      setText(box, text);
      setText($('echo-detail'), detail || '');
    }

    function keep(label, kind, result) {
      const row = make('tr');
      row.append(make('td', '', label), make('td', '', kind));
      if (result) {
        row.append(make('td', 'right', millis(result.trip)), make('td', 'right', result.speed));
      } else {
        const cell = make('td', 'right failed', 'failed');
        row.append(cell, make('td', 'right', '–'));
      }
      $('echo-history').prepend(row);
      while ($('echo-history').children.length > 4) $('echo-history').lastChild.remove();
      $('echo-runs').hidden = false;
    }

    async function run() {
      if (running) return;
      running = true;
      $('echo-run').disabled = true;
      const size = Number($('echo-size').value);
      const label = $('echo-size').selectedOptions[0].textContent;
      const kind = $('echo-kind').value;
      const binary = kind === 'binary';
      show('', `running: ${label} as ${kind}…`);
      await new Promise((resolve) => setTimeout(resolve, 30)); // lets "running" appear before the work
      try {
        const content = binary ? randomBytes(size) : randomText(size);
        const result = await exchange(content, size, binary);
        // There and back in one figure: the trip is measured as a whole, not each direction.
        result.speed = size >= 1024 ? `${bytesText(Math.round(2 * size * 1000 / result.trip))}/s` : '–';
        show('ok', `ok, ${label} as ${kind} came back equal in ${millis(result.trip)}`,
          `Handshake ${millis(result.handshake)}. bufferedAmount right after send(): ${bytesText(result.buffered)}.`);
        keep(label, kind, result);
      } catch (error) {
        show('failed', `failed: ${error.message}`);
        keep(label, kind, null);
      } finally {
        running = false;
        $('echo-run').disabled = false;
      }
    }

    return { run };
  })();

  // ------------------------------------------------------------------ start

  function begin() {
    readPalette();
    buildCodeTable();

    const query = new URLSearchParams(location.search);
    const queryName = (query.get('name') || '').trim().slice(0, 40);
    $('name').value = queryName || recall('duplex.name') || randomName();
    const asked = [roomFromHash(), query.get('room')].find((room) => room !== null);
    const room = roomOk(asked) ? asked.trim() : DEFAULT_ROOM;

    $('name').addEventListener('change', () => {
      remember('duplex.name', myName());
      showRoom(chat.room);
    });
    $('room').addEventListener('input', () => $('room').setCustomValidity(''));
    $('join-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const field = $('room');
      if (!field.value.trim()) field.value = DEFAULT_ROOM;
      const wanted = field.value.trim();
      if (!roomOk(wanted)) {
        field.setCustomValidity('Up to 40 letters, digits, spaces, dots, dashes and underscores.');
        field.reportValidity();
        return;
      }
      myName();
      join(wanted, wanted !== chat.room);
    });
    // A wrong room must be able to reach the submit handler again after it was corrected.
    $('join').addEventListener('click', () => $('room').setCustomValidity(''));
    addEventListener('hashchange', () => {
      const wanted = roomFromHash();
      if (roomOk(wanted) && wanted.trim() !== chat.room) join(wanted.trim(), false);
    });
    addEventListener('popstate', () => {
      const wanted = roomFromHash();
      if (roomOk(wanted) && wanted.trim() !== chat.room) join(wanted.trim(), false);
    });

    $('say-form').addEventListener('submit', (event) => { event.preventDefault(); say(); });
    $('log').addEventListener('scroll', () => { if (nearEnd()) $('to-end').hidden = true; }, { passive: true });
    $('to-end').addEventListener('click', () => {
      $('log').scrollTop = $('log').scrollHeight;
      $('to-end').hidden = true;
      $('log').focus({ preventScroll: true });
    });
    $('copy-link').addEventListener('click', copyLink);

    $('close-form').addEventListener('submit', (event) => { event.preventDefault(); closeByUser(); });
    $('close-reason').addEventListener('input', showReasonBytes);
    $('reconnect').addEventListener('click', () => {
      if (currentState() === WebSocket.CLOSED) connect();
    });
    $('auto-reconnect').addEventListener('change', () => {
      const on = $('auto-reconnect').checked;
      if (!on) {
        stopRetry();
        setText($('reconnect-status'), 'Reconnecting is switched off.');
      } else if (chat.lastCloseRetryable && currentState() === WebSocket.CLOSED) {
        scheduleRetry();
      } else {
        setText($('reconnect-status'), 'After an abnormal close: exponential back-off with full jitter.');
      }
    });
    addEventListener('online', () => { if (chat.retryTimer) connect(); });

    $('push-toggle').addEventListener('click', push.toggle);
    $('echo-form').addEventListener('submit', (event) => { event.preventDefault(); echo.run(); });

    const repaint = () => { readPalette(); wire.wake(); push.redraw(); };
    darkScheme.addEventListener('change', repaint);
    new ResizeObserver(repaint).observe(document.querySelector('main'));

    setInterval(() => { syncState(); showCountdown(); showTraffic(); }, 100);
    setInterval(push.figures, 500);

    if (asked !== undefined && !roomOk(asked)) addNote(`That room name cannot be used; this is ${DEFAULT_ROOM}.`, true);
    join(room, false);
  }

  begin();
})();
