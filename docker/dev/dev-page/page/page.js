/** The dev page: probes, migrations, programs with their logs, and links. */
import { openHmr, openSocket, pause, probeHttp, probeSocket, repeat } from './probes.js';

const $ = (id) => document.getElementById(id);
const app = await (await fetch('app.json')).json();
const tones = { running: 'good', starting: 'busy', stopping: 'busy', backoff: 'bad', fatal: 'bad', exited: 'bad', stopped: 'bad' };
const restarting = new Set();
const cards = new Map();

/** Changes only what differs, so that screen readers and selections are not disturbed. */
function put(element, text, tone) {
  if (element.textContent !== text) element.textContent = text;
  if (tone) element.dataset.tone = tone;
}

function tile(title) {
  const element = $('tile').content.firstElementChild.cloneNode(true);
  $('probes').append(element);
  put(element.querySelector('h3'), title);
  return ({ tone, figure, detail }) => {
    element.dataset.tone = tone;
    put(element.querySelector('.figure'), figure);
    put(element.querySelector('.detail'), detail);
  };
}

// ---- Programs --------------------------------------------------------------------------------

function card(name) {
  if (!cards.has(name)) {
    const element = $('program').content.firstElementChild.cloneNode(true);
    element.querySelector('h3').id = `program-${name}`;
    element.setAttribute('aria-labelledby', `program-${name}`);
    put(element.querySelector('h3'), name);
    element.querySelector('pre').setAttribute('aria-label', `Log of ${name}`);
    element.querySelector('button').addEventListener('click', () => restart(name));
    followEnd(element.querySelector('pre'));
    $('programs').append(element);
    cards.set(name, element);
  }
  return cards.get(name);
}

function showProgram({ process, state, description, log }) {
  const element = card(process);
  const isUp = state === 'running';
  put(element.querySelector('.state'), state, tones[state]);
  put(element.querySelector('.detail'), description);
  const button = element.querySelector('button');
  const busy = restarting.has(process);
  put(button, busy ? 'Restarting…' : isUp || state === 'starting' ? 'Restart' : 'Start');
  button.setAttribute('aria-label', `${button.textContent} ${process}`);
  button.setAttribute('aria-disabled', busy);
  showLog(element.querySelector('pre'), log);
}

function showLog(element, lines) {
  const text = lines.join('\n');
  if (element.shown === text) return;
  element.shown = text;
  element.replaceChildren(
    ...lines.map((line) => {
      const span = document.createElement('span');
      span.textContent = `${line}\n`;
      if (/\b(error|exception|traceback|critical)\b|Error:/i.test(line)) span.className = 'bad';
      return span;
    }),
  );
}

/** A log stays scrolled to its end, after a new layout too, until the user scrolls away. */
function followEnd(element) {
  let follows = true;
  const distance = () => element.scrollHeight - element.scrollTop - element.clientHeight;
  element.addEventListener('scroll', () => (follows = distance() < 30));
  element.toEnd = () => follows && distance() > 0 && (element.scrollTop = element.scrollHeight);
}

async function refresh() {
  let programs;
  try {
    programs = await json('api/programs');
  } catch (error) {
    put($('summary'), `The state of the programs is unknown: ${error.message}`, 'bad');
    return;
  }
  programs.forEach(showProgram);
  for (const element of cards.values()) element.querySelector('pre').toEnd();
  const down = programs.filter(({ state }) => state !== 'running').map(({ process }) => process);
  const sentence = down.length ? `${down.join(', ')} ${down.length > 1 ? 'do' : 'does'} not run.` : 'Every program runs.';
  put($('summary'), sentence, down.length ? 'bad' : 'good');
}

async function restart(name) {
  if (restarting.has(name)) return;
  restarting.add(name);
  put($('restarted'), `Restarting ${name}…`, 'busy');
  refresh();
  try {
    await json(`api/programs/${name}/restart`, { method: 'POST', headers: { 'X-Dev-Page': 'restart' } });
    put($('restarted'), `${name} was restarted.`, 'good');
  } catch (error) {
    // A restart of the process that carries this page's requests loses the response.
    const isBack = name === app.proxy && error instanceof TypeError && (await answersAgain());
    if (isBack) put($('restarted'), `${name} was restarted.`, 'good');
    else put($('restarted'), `${name} was not restarted: ${error.message}`, 'bad');
  }
  restarting.delete(name);
  refresh();
}

async function answersAgain() {
  for (let tries = 0; tries < 60; tries += 1) {
    await pause(500);
    if (await fetch('api/programs').then(({ ok }) => ok, () => false)) return true;
  }
  return false;
}

// ---- Migrations ------------------------------------------------------------------------------

async function migrations(show) {
  try {
    const { pending, unwritten, inv } = await json('api/migrations');
    if (pending.length) show({ tone: 'busy', figure: `${pending.length} pending`, detail: `${pending.join(', ')}. Type: inv ${inv}.migrate` });
    else if (unwritten.length) show({ tone: 'busy', figure: 'Models changed', detail: `${unwritten.join(', ')}. Type: inv ${inv}.makemigrations` });
    else show({ tone: 'good', figure: 'All applied', detail: 'and the models ask for no more' });
  } catch (error) {
    show({ tone: 'bad', figure: 'Unknown', detail: error.message });
  }
}

// ---- Links -----------------------------------------------------------------------------------

function showLinks() {
  const items = app.links.map(({ name, path }) => {
    const item = document.createElement('li');
    item.append(Object.assign(document.createElement('a'), { href: path, textContent: name }));
    return item;
  });
  $('links').replaceChildren(...items);
}

// ---- Small parts -----------------------------------------------------------------------------

async function json(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({ detail: `status ${answer.status}` }));
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

const [http, socket, hmr, database] = ['HTTP', 'WebSocket', 'Hot reload', 'Migrations'].map(tile);
repeat(2000, refresh);
showLinks();
// The page is built, so that its work does not count in the measured times.
repeat(20_000, () => migrations(database));
probeHttp(app.http, http);
probeSocket(openSocket(app.websocket), app.websocket, socket);
probeSocket(openHmr, 'Vite', hmr);
