import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { Button } from 'react-aria-components';
import { changeMqtt, testMqtt, type MqttSettings, type MqttSettingsRequest, type MqttStatus } from '../../api/mqtt';
import { formatMoment, useMinute } from '../../core/time';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { useLiveStatus } from '../../data/liveStatus';
import { useMqtt } from '../../data/settings';
import { text } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { messageOf } from '../../ui/ErrorMessage';
import { Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const words = text.settings.mqtt;

export function MqttCard() {
  const { data: mqtt, error } = useMqtt();
  return (
    <section className="card" aria-labelledby="mqtt" aria-busy={!mqtt}>
      <h2 id="mqtt">{words.title}</h2>
      <p className="hint">{words.detail}</p>
      {!mqtt && <p className="hint">{error ? messageOf(error) : text.loading}</p>}
      {mqtt && <Status status={mqtt.status} />}
      {mqtt && <MqttForm key={JSON.stringify({ ...mqtt, status: null })} mqtt={mqtt} />}
    </section>
  );
}

function Status({ status: { state, detail, since } }: { status: MqttStatus }) {
  const now = useMinute();
  const current = useLiveStatus() === 'live';
  return (
    <div className="mqtt-status" data-status={current ? state : 'unknown'} role="status">
      <strong>
        <span className="visually-hidden">{words.statusLabel}: </span>
        {current ? words.states[state] : text.connection.offline}
      </strong>
      {current && (
        <span>
          {words.since} <time dateTime={since}>{formatMoment(since, now)}</time>
        </span>
      )}
      {current && detail && <p>{detail}</p>}
    </div>
  );
}

function MqttForm({ mqtt }: { mqtt: MqttSettings }) {
  const form = useRef<HTMLDivElement>(null);
  const disarmed = useIsDisarmed();
  const save = useSave({ send: changeMqtt, refresh: [keys.mqtt], done: () => text.saved });
  const test = useMutation({ mutationFn: testMqtt });
  const fixedNames: string[] = mqtt.from_environment;
  const fixed = (name: string) => fixedNames.includes(name);

  /** Omits fields that the environment sets, because the backend refuses changes to them. */
  const read = (data: FormData): MqttSettingsRequest => {
    const fields: MqttSettingsRequest = {
      enabled: data.has('enabled'),
      host: textOf(data, 'host').trim(),
      port: Number(textOf(data, 'port')),
      tls: data.has('tls'),
      username: textOf(data, 'username'),
      base_topic: textOf(data, 'base_topic').trim(),
      discovery_prefix: textOf(data, 'discovery_prefix').trim(),
      ...unlessEmpty(data, 'password'),
    };
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !fixed(name)));
  };

  const field = (name: keyof MqttSettings & keyof MqttSettingsRequest, label: string, hint?: string) => ({
    name,
    label,
    hint: fixed(name) ? words.fixed : hint,
    isDisabled: fixed(name),
    defaultValue: String(mqtt[name]),
  });
  const toggle = (name: 'enabled' | 'tls', label: string) => ({
    name,
    label,
    hint: fixed(name) ? words.fixed : undefined,
    isDisabled: fixed(name),
    defaultSelected: mqtt[name],
  });

  return (
    <div ref={form}>
      <ServerForm
        label={words.title}
        error={save.error ?? test.error}
        onSend={(data) => {
          test.reset();
          save.mutate(read(data));
        }}
      >
        <Toggle {...toggle('enabled', words.enabled)} />
        <div className="pair pair-host">
          <Field {...field('host', words.host, words.hostHint)} autoComplete="off" />
          <Field {...field('port', words.port)} type="number" min={1} max={65_535} isRequired />
        </div>
        <Toggle {...toggle('tls', words.tls)} />
        <div className="pair">
          <Field {...field('username', words.username)} autoComplete="off" />
          <Field
            name="password"
            type="password"
            label={words.password}
            hint={fixed('password') ? words.fixed : mqtt.has_password ? words.passwordKept : undefined}
            isDisabled={fixed('password')}
            autoComplete="new-password"
          />
        </div>
        <div className="pair">
          <Field {...field('base_topic', words.baseTopic)} isRequired />
          <Field {...field('discovery_prefix', words.discoveryPrefix, words.discoveryHint)} isRequired />
        </div>
        <p role="status" className="mqtt-test" data-ok={test.data?.ok}>
          {test.isPending ? words.testing : test.data?.detail}
        </p>
        <DisarmFirst />
        <div className="form-actions">
          <Button
            className="button"
            isDisabled={test.isPending}
            onPress={() => {
              save.reset();
              const element = form.current?.querySelector('form');
              if (element?.reportValidity()) test.mutate(read(new FormData(element)));
            }}
          >
            {words.test}
          </Button>
          <Button type="submit" className="button" data-variant="primary" isDisabled={save.isPending || !disarmed}>
            {save.isPending ? text.actions.saving : text.actions.save}
          </Button>
        </div>
      </ServerForm>
    </div>
  );
}
