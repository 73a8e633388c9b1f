import { useIsAdmin } from '../../data/session';
import { t } from '../../text';
import { Page } from '../../ui/Page';
import { CodesCard } from './CodesCard';
import { PeopleCard } from './PeopleCard';

export function PeoplePage() {
  const admin = useIsAdmin();
  return (
    <Page title={t('people.title')}>
      {admin ? (
        <div className="columns">
          <PeopleCard />
          <CodesCard />
        </div>
      ) : (
        <p className="card">{t('adminOnly')}</p>
      )}
    </Page>
  );
}
