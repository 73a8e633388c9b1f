/** Where one is logged in, for administrators where everyone is; each session can be ended. */
import { MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { endOtherSessions, endSession, type ListedSession } from '../../api/sessions';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { useSessions } from '../../data/sessions';
import { useIsAdmin, useMe } from '../../data/session';
import { t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { useSave } from '../../ui/useSave';

export function SessionsCard() {
  const { data: sessions, error } = useSessions();
  const admin = useIsAdmin();
  const me = useMe();
  const [ending, setEnding] = useState<ListedSession | 'others' | null>(null);
  const close = () => setEnding(null);
  const others = sessions?.filter(({ person, is_current }) => person.id === me.id && !is_current) ?? [];
  return (
    <section className="card" aria-labelledby="sessions" aria-busy={!sessions}>
      <div className="card-head">
        <div>
          <h2 id="sessions">{t('settings.sessions.title')}</h2>
          <p className="hint">{admin ? t('settings.sessions.detailOfAll') : t('settings.sessions.detail')}</p>
        </div>
        {others.length > 0 && (
          <Button className="button" onPress={() => setEnding('others')}>
            {t('settings.sessions.endOthers')}
          </Button>
        )}
      </div>
      <ErrorMessage error={sessions ? null : error} />
      <ul className="rows">
        {sessions?.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => setEnding(session)} />
        ))}
      </ul>
      {ending === 'others' && <EndOthers onClose={close} />}
      {ending && ending !== 'others' && <EndOne session={ending} onClose={close} />}
    </section>
  );
}

function SessionRow({ session, onEnd }: { session: ListedSession; onEnd: () => void }) {
  const now = useMinute();
  const isMine = useMe().id === session.person.id;
  const { device, last_used_at: used, created_at: made, is_current } = session;
  const details = [
    !isMine && session.person.name,
    used && t('settings.sessions.lastUsed', { when: formatMoment(used, now) }),
    made && t('settings.sessions.since', { when: formatMoment(made, now) }),
  ];
  return (
    <li className="row">
      <span className="tile">
        <MonitorSmartphone />
      </span>
      <div className="row-words">
        <p className="row-title">
          {device || t('settings.sessions.unknownDevice')} {is_current && <span className="tag">{t('settings.sessions.current')}</span>}
        </p>
        <p className="row-detail">{details.filter(Boolean).join(' · ')}</p>
      </div>
      {!is_current && (
        <Button className="button" aria-label={t('settings.sessions.endName', { name: nameOf(session) })} onPress={onEnd}>
          {t('settings.sessions.end')}
        </Button>
      )}
    </li>
  );
}

const nameOf = ({ device, person }: ListedSession) => `${device || t('settings.sessions.unknownDevice')}, ${person.name}`;

function EndOne({ session, onClose }: { session: ListedSession; onClose: () => void }) {
  const end = useSave({
    send: () => endSession(session.id),
    refresh: [keys.sessions],
    done: () => t('settings.sessions.ended'),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('settings.sessions.endTitle', { name: nameOf(session) })}
      detail={t('settings.sessions.endDetail')}
      action={t('settings.sessions.end')}
      mutation={end}
      onClose={onClose}
    />
  );
}

function EndOthers({ onClose }: { onClose: () => void }) {
  const end = useSave({
    send: () => endOtherSessions(),
    refresh: [keys.sessions],
    done: () => t('settings.sessions.othersEnded'),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('settings.sessions.endOthersTitle')}
      detail={t('settings.sessions.endDetail')}
      action={t('settings.sessions.endOthers')}
      mutation={end}
      onClose={onClose}
    />
  );
}
