import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { Button } from 'react-aria-components';
import { changeMqtt, testMqtt, type MqttSettings, type MqttSettingsRequest, type MqttStatus } from '../../api/mqtt';
import { formatMoment, useMinute } from '../../core/time';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { useLiveStatus } from '../../data/liveStatus';
import { useMqtt } from '../../data/settings';
import { t } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { messageOf } from '../../ui/ErrorMessage';
import { Field, Toggle } from '../../ui/fields';
import { SaveButton } from '../../ui/SaveButton';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';
import { HomeAssistantLogin } from './HomeAssistantLogin';

export function MqttCard() {
  const { data: mqtt, error } = useMqtt();
  return (
    <section className="card" aria-labelledby="mqtt" aria-busy={!mqtt}>
      <h2 id="mqtt">{t('settings.mqtt.title')}</h2>
      <p className="hint">{t('settings.mqtt.detail')}</p>
      {!mqtt && <p className="hint">{error ? messageOf(error) : t('loading')}</p>}
      {mqtt && <Status status={mqtt.status} />}
      {mqtt?.enabled && mqtt.is_bundled && <HomeAssistantLogin />}
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
        <span className="visually-hidden">{t('settings.mqtt.statusLabel')}: </span>
        {current ? t(`settings.mqtt.states.${state}`) : t('connection.offline')}
      </strong>
      {current && (
        <span>
          {t('settings.mqtt.since')} <time dateTime={since}>{formatMoment(since, now)}</time>
        </span>
      )}
      {current && detail && <p>{detail}</p>}
    </div>
  );
}

function MqttForm({ mqtt }: { mqtt: MqttSettings }) {
  const form = useRef<HTMLDivElement>(null);
  const disarmed = useIsDisarmed();
  const save = useSave({ send: changeMqtt, refresh: [keys.mqtt], done: () => t('saved') });
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
      arm_without_code: data.has('arm_without_code'),
      ...unlessEmpty(data, 'password'),
    };
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !fixed(name)));
  };

  const field = (name: keyof MqttSettings & keyof MqttSettingsRequest, label: string, hint?: string) => ({
    name,
    label,
    hint: fixed(name) ? t('settings.mqtt.fixed') : hint,
    isDisabled: fixed(name),
    defaultValue: String(mqtt[name]),
  });
  const toggle = (name: 'enabled' | 'tls' | 'arm_without_code', label: string, hint?: string) => ({
    name,
    label,
    hint: fixed(name) ? t('settings.mqtt.fixed') : hint,
    isDisabled: fixed(name),
    defaultSelected: mqtt[name],
  });

  return (
    <div ref={form}>
      <ServerForm
        label={t('settings.mqtt.title')}
        error={save.error ?? test.error}
        onSend={(data) => {
          test.reset();
          save.mutate(read(data));
        }}
      >
        <Toggle {...toggle('enabled', t('settings.mqtt.enabled'))} />
        <div className="pair pair-host">
          <Field {...field('host', t('settings.mqtt.host'), t('settings.mqtt.hostHint'))} autoComplete="off" />
          <Field {...field('port', t('settings.mqtt.port'))} type="number" min={1} max={65_535} isRequired />
        </div>
        <Toggle {...toggle('tls', t('settings.mqtt.tls'))} />
        <div className="pair">
          <Field {...field('username', t('settings.mqtt.username'))} autoComplete="off" />
          <Field
            name="password"
            type="password"
            label={t('settings.mqtt.password')}
            hint={fixed('password') ? t('settings.mqtt.fixed') : mqtt.has_password ? t('settings.mqtt.passwordKept') : undefined}
            isDisabled={fixed('password')}
            autoComplete="new-password"
          />
        </div>
        <div className="pair">
          <Field {...field('base_topic', t('settings.mqtt.baseTopic'))} isRequired />
          <Field {...field('discovery_prefix', t('settings.mqtt.discoveryPrefix'), t('settings.mqtt.discoveryHint'))} isRequired />
        </div>
        <Toggle {...toggle('arm_without_code', t('settings.mqtt.armWithoutCode'), t('settings.mqtt.armWithoutCodeHint'))} />
        <p role="status" className="mqtt-test" data-ok={test.data?.ok}>
          {test.isPending ? t('settings.mqtt.testing') : test.data?.detail}
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
            {t('settings.mqtt.test')}
          </Button>
          <SaveButton pending={save.isPending} isDisabled={!disarmed} />
        </div>
      </ServerForm>
    </div>
  );
}
