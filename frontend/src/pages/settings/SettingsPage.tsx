/** Settings of the account and this device; for administrators also of the alarm. */
import { useIsAdmin } from '../../data/session';
import { t } from '../../text';
import { Page } from '../../ui/Page';
import { MqttCard } from './MqttCard';
import { PasswordCard } from './PasswordCard';
import { SessionsCard } from './SessionsCard';
import './settings.css';
import { TimingCard } from './TimingCard';
import { TotpCard } from './TotpCard';
import { YouCard } from './YouCard';

export function SettingsPage() {
  const admin = useIsAdmin();
  return (
    <Page title={t('settings.title')}>
      <div className="columns">
        <div className="column">
          <YouCard />
          {admin && <TimingCard />}
          {!admin && <PasswordCard />}
          <SessionsCard />
        </div>
        {admin && (
          <div className="column">
            <MqttCard />
            <PasswordCard />
            <TotpCard />
          </div>
        )}
      </div>
    </Page>
  );
}
