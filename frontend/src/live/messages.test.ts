/** The examples of docs/websocket.md, read as the page reads what the server sends. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMessage, type OwnMessage } from './messages';

interface Example {
  type: string;
  topic?: string;
}

const document = readFileSync(join(import.meta.dirname, '../../../docs/websocket.md'), 'utf8');

const examplesOf = (sender: string) =>
  [...document.matchAll(/^```json (\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, from]) => from === sender)
    .map(([, , json = '']) => JSON.parse(json) as Example);

describe('the documented protocol', () => {
  it.each(examplesOf('server').map((example) => [example.type, example.topic ?? '', example]))(
    'has a %s %s that the page reads as it stands there',
    (_type, _topic, example) => {
      expect(readMessage(JSON.stringify(example))).toEqual(example);
    },
  );

  it('shows every message and topic that the page knows', () => {
    const kinds = new Set(examplesOf('server').map(({ type, topic }) => topic ?? type));
    const messages = ['snapshot', 'resumed', 'ping', 'pong', 'error'];
    const topics = ['alarm', 'sensor', 'sensor_removed', 'settings', 'integration', 'event'];
    expect([...kinds].sort()).toEqual([...messages, ...topics].sort());
  });

  it('lets the page say what it says', () => {
    const own: OwnMessage[] = [{ type: 'resume', since: 40 }, { type: 'pong' }];
    for (const message of own) expect(examplesOf('client')).toContainEqual(message);
  });
});

describe('a message', () => {
  it('whose content is unreadable is an error, and not a wrong state', () => {
    const change = { type: 'change', sequence: 1, topic: 'sensor', data: { id: 1 } };
    expect(() => readMessage(JSON.stringify(change))).toThrow();
  });
});
