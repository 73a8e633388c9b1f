import { Siren } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { deleteOutput, renewOutputPassword, testOutput, type Output, type OutputLogin } from '../../api/outputs';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { useOutputs } from '../../data/outputs';
import { listOf, t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { ListCard } from '../../ui/ListCard';
import { reportOf } from '../../ui/outputWords';
import { RowMenu } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { OutputForm } from './OutputForm';
import { OutputLoginDialog } from './OutputLoginDialog';

type Action = 'edit' | 'delete' | 'renew';
type Open = { action: 'add' } | { action: Action; output: Output } | { action: 'login'; name: string; login: OutputLogin };

export function OutputsCard() {
  const { data: outputs, error } = useOutputs();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const showLogin = (name: string, login: OutputLogin) => setOpen({ action: 'login', name, login });
  return (
    <ListCard
      id="outputs"
      title={t('alerts.outputs.title')}
      detail={t('alerts.outputs.detail')}
      add={t('alerts.outputs.add')}
      onAdd={() => setOpen({ action: 'add' })}
      error={error}
      none={t('alerts.outputs.none')}
      rows={outputs?.map((output) => (
        <OutputRow key={output.id} output={output} onAction={(action) => setOpen({ action, output })} />
      ))}
    >
      {open?.action === 'add' && <OutputForm onClose={close} onLogin={showLogin} />}
      {open?.action === 'edit' && <OutputForm output={open.output} onClose={close} onLogin={showLogin} />}
      {open?.action === 'delete' && <DeleteOutput output={open.output} onClose={close} />}
      {open?.action === 'renew' && <RenewPassword output={open.output} onClose={close} onLogin={showLogin} />}
      {open?.action === 'login' && <OutputLoginDialog {...open} onClose={close} />}
    </ListCard>
  );
}

interface OutputRowProps {
  output: Output;
  onAction: (action: Action) => void;
}

function OutputRow({ output, onAction }: OutputRowProps) {
  const { id, name, kind, address, tones, enabled } = output;
  const disarmed = useIsDisarmed();
  const test = useSave({ send: () => testOutput(id), refresh: [keys.outputs], done: () => undefined });
  return (
    <li className="row" data-inactive={!enabled}>
      <span className="tile">
        <Siren />
      </span>
      <div className="row-words">
        <p className="row-title">
          {name} {!enabled && <span className="tag">{t('alerts.off')}</span>}
        </p>
        <p className="row-detail">{[t(`alerts.outputs.kinds.${kind}`), address].filter(Boolean).join(' · ')}</p>
        <p className="row-detail">{listOf(tones.map((tone) => t(`alerts.outputs.tones.${tone}`)))}</p>
        <p role="status" className={output.error ? 'row-error' : 'row-detail'}>
          {reportOf(output)}
        </p>
        <ErrorMessage error={test.error} />
      </div>
      <div className="row-buttons">
        <Button
          className="button"
          data-size="small"
          aria-label={t('alerts.outputs.testName', { name })}
          isDisabled={test.isPending || !disarmed || !enabled}
          onPress={() => test.mutate(undefined)}
        >
          {t('alerts.test')}
        </Button>
        <RowMenu
          label={t('actions.more', { name })}
          isDisabled={!disarmed}
          actions={[
            { name: t('actions.edit'), run: () => onAction('edit') },
            ...(kind === 'mqtt' ? [{ name: t('alerts.outputs.renew'), run: () => onAction('renew') }] : []),
            { name: t('actions.delete'), danger: true, run: () => onAction('delete') },
          ]}
        />
      </div>
    </li>
  );
}

function DeleteOutput({ output: { id, name }, onClose }: { output: Output; onClose: () => void }) {
  const remove = useSave({
    send: () => deleteOutput(id),
    refresh: [keys.outputs],
    done: () => t('alerts.deleted', { name }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('alerts.deleteTitle', { name })}
      detail={t('alerts.outputs.deleteDetail')}
      action={t('actions.delete')}
      mutation={remove}
      onClose={onClose}
    />
  );
}

interface RenewPasswordProps {
  output: Output;
  onClose: () => void;
  onLogin: (name: string, login: OutputLogin) => void;
}

function RenewPassword({ output: { id, name }, onClose, onLogin }: RenewPasswordProps) {
  const renew = useSave({
    send: () => renewOutputPassword(id),
    done: () => undefined,
    onDone: ({ mqtt }) => (mqtt ? onLogin(name, mqtt) : onClose()),
  });
  return (
    <ConfirmDialog
      title={t('alerts.outputs.renewTitle', { name })}
      detail={t('alerts.outputs.renewDetail')}
      action={t('alerts.outputs.renew')}
      mutation={renew}
      onClose={onClose}
    />
  );
}
