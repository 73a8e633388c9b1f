/** Links to the pages: at the side, on a phone at the bottom. */
import { Link } from '@tanstack/react-router';
import { BellRing, History, Radar, Settings, Shield, Users } from 'lucide-react';
import { useIsAdmin } from '../data/session';
import { t } from '../text';

const pages = [
  { to: '/', name: 'nav.panel', Icon: Shield, adminOnly: false },
  { to: '/sensors', name: 'nav.sensors', Icon: Radar, adminOnly: false },
  { to: '/events', name: 'nav.events', Icon: History, adminOnly: false },
  { to: '/people', name: 'nav.people', Icon: Users, adminOnly: true },
  { to: '/alerts', name: 'nav.alerts', Icon: BellRing, adminOnly: false },
  { to: '/settings', name: 'nav.settings', Icon: Settings, adminOnly: false },
] as const;

export function Navigation() {
  const admin = useIsAdmin();
  return (
    <nav className="navigation" aria-label={t('nav.label')}>
      <ul>
        {pages
          .filter(({ adminOnly }) => admin || !adminOnly)
          .map(({ to, name, Icon }) => (
            <li key={to}>
              <Link to={to} activeOptions={{ exact: true, includeSearch: false }}>
                <Icon />
                <span>{t(name)}</span>
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
