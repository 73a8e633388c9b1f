/** Parses the examples of docs/websocket.md as the page parses the server's messages. */
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
    'has an example of %s %s that the page parses unchanged',
    (_type, _topic, example) => {
      expect(readMessage(JSON.stringify(example))).toEqual(example);
    },
  );

  it('has an example of every message and topic that the page knows', () => {
    const kinds = new Set(examplesOf('server').map(({ type, topic }) => topic ?? type));
    const messages = ['snapshot', 'resumed', 'ping', 'pong', 'error'];
    const sensors = ['sensor', 'sensor_removed'];
    const outputs = ['output', 'output_removed'];
    const topics = ['alarm', ...sensors, ...outputs, 'settings', 'integration', 'event', 'chime'];
    expect([...kinds].sort()).toEqual([...messages, ...topics].sort());
  });

  it('has an example of each message that the page sends', () => {
    const own: OwnMessage[] = [{ type: 'resume', since: 40 }, { type: 'pong' }];
    for (const message of own) expect(examplesOf('client')).toContainEqual(message);
  });
});

describe('a message', () => {
  it('with unknown content is an error, not a wrong state', () => {
    const change = { type: 'change', sequence: 1, topic: 'sensor', data: { id: 1 } };
    expect(() => readMessage(JSON.stringify(change))).toThrow();
  });
});
