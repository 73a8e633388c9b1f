import { Send } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteChannel, testChannel, type Channel } from '../../api/notifications';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { useChannels } from '../../data/notifications';
import { usePeople } from '../../data/people';
import { listOf, t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { messageOf } from '../../ui/ErrorMessage';
import { ListCard } from '../../ui/ListCard';
import { RowMenu } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { ChannelForm } from './ChannelForm';
import { TestResult } from './TestResult';
import { kindsOf } from './words';

type Open = { action: 'add' } | { action: 'edit' | 'delete'; channel: Channel };

export function ChannelsCard() {
  const { data: channels, error } = useChannels();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <ListCard
      id="channels"
      title={t('alerts.channels.title')}
      detail={t('alerts.channels.detail')}
      add={t('alerts.channels.add')}
      onAdd={() => setOpen({ action: 'add' })}
      error={error}
      none={t('alerts.channels.none')}
      rows={channels?.map((channel) => (
        <ChannelRow key={channel.id} channel={channel} onAction={(action) => setOpen({ action, channel })} />
      ))}
    >
      {open?.action === 'add' && <ChannelForm onClose={close} />}
      {open?.action === 'edit' && <ChannelForm channel={open.channel} onClose={close} />}
      {open?.action === 'delete' && <DeleteChannel channel={open.channel} onClose={close} />}
    </ListCard>
  );
}

interface ChannelRowProps {
  channel: Channel;
  onAction: (action: 'edit' | 'delete') => void;
}

function ChannelRow({ channel, onAction }: ChannelRowProps) {
  const { id, name, service, host, kinds, enabled, error } = channel;
  const test = useMutation({ mutationFn: () => testChannel(id) });
  const disarmed = useIsDisarmed();
  const person = usePeople().data?.find((known) => known.id === channel.person)?.name;
  return (
    <li className="row" data-inactive={!enabled}>
      <span className="tile">
        <Send />
      </span>
      <div className="row-words">
        <p className="row-title">
          {name} {!enabled && <span className="tag">{t('alerts.off')}</span>}
        </p>
        <p className="row-detail">{[service, host, person].filter(Boolean).join(' · ')}</p>
        <p className="row-detail">{listOf(kindsOf(kinds))}</p>
        {error && <p className="row-error">{error}</p>}
        <TestResult pending={test.isPending} result={test.data} failure={test.error && messageOf(test.error)} />
      </div>
      <RowMenu
        label={t('actions.more', { name })}
        actions={[
          { name: t('alerts.test'), run: () => test.mutate() },
          { name: t('actions.edit'), run: () => onAction('edit') },
          ...(disarmed ? [{ name: t('actions.delete'), danger: true, run: () => onAction('delete') }] : []),
        ]}
      />
    </li>
  );
}

function DeleteChannel({ channel: { id, name }, onClose }: { channel: Channel; onClose: () => void }) {
  const remove = useSave({
    send: () => deleteChannel(id),
    refresh: [keys.channels, keys.outbox],
    done: () => t('alerts.deleted', { name }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('alerts.deleteTitle', { name })}
      detail={t('alerts.channels.deleteDetail')}
      action={t('actions.delete')}
      mutation={remove}
      onClose={onClose}
    />
  );
}
