import { useIsAdmin } from '../../data/session';
import { text } from '../../text';
import { Page } from '../../ui/Page';
import { CodesCard } from './CodesCard';
import { PeopleCard } from './PeopleCard';

export function PeoplePage() {
  const admin = useIsAdmin();
  return (
    <Page title={text.people.title}>
      {admin ? (
        <div className="columns">
          <PeopleCard />
          <CodesCard />
        </div>
      ) : (
        <p className="card">{text.adminOnly}</p>
      )}
    </Page>
  );
}
