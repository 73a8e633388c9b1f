/** Links to the pages: at the side, on a phone at the bottom. */
import { Link } from '@tanstack/react-router';
import { History, Radar, Settings, Shield, Users } from 'lucide-react';
import { useIsAdmin } from '../data/session';
import { text } from '../text';

const pages = [
  { to: '/', name: text.nav.panel, Icon: Shield, adminOnly: false },
  { to: '/sensors', name: text.nav.sensors, Icon: Radar, adminOnly: false },
  { to: '/events', name: text.nav.events, Icon: History, adminOnly: false },
  { to: '/people', name: text.nav.people, Icon: Users, adminOnly: true },
  { to: '/settings', name: text.nav.settings, Icon: Settings, adminOnly: false },
] as const;

export function Navigation() {
  const admin = useIsAdmin();
  return (
    <nav className="navigation" aria-label={text.nav.label}>
      <ul>
        {pages
          .filter(({ adminOnly }) => admin || !adminOnly)
          .map(({ to, name, Icon }) => (
            <li key={to}>
              <Link to={to} activeOptions={{ exact: true, includeSearch: false }}>
                <Icon />
                <span>{name}</span>
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
