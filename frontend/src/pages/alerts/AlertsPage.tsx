/** What is heard of an alarm, and where: sirens, services, this device. Residents see this device only. */
import { useIsAdmin } from '../../data/session';
import { t } from '../../text';
import { Page } from '../../ui/Page';
import { ChannelsCard } from './ChannelsCard';
import { LateArmingCard } from './LateArmingCard';
import { OutputsCard } from './OutputsCard';
import { PushCard } from './PushCard';
import { UndeliveredCard } from './UndeliveredCard';
import './alerts.css';

export function AlertsPage() {
  const admin = useIsAdmin();
  return (
    <Page title={t('alerts.title')}>
      <div className="columns">
        <div className="column">
          {admin && <OutputsCard />}
          <PushCard />
        </div>
        {admin && (
          <div className="column">
            <ChannelsCard />
            <UndeliveredCard />
            <LateArmingCard />
          </div>
        )}
      </div>
    </Page>
  );
}
