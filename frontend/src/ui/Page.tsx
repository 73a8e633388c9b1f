/** The frame of every page but the panel: title, actions of the page, content. The title takes the focus. */
import { useEffect, type ReactNode } from 'react';
import { t } from '../text';
import { useHeadingFocus } from './useHeadingFocus';
import './controls.css';
import './page.css';
import { Toasts } from './toasts';

interface PageProps {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, actions, children }: PageProps) {
  const heading = useHeadingFocus();
  useEffect(() => {
    document.title = `${title} – ${t('title')}`;
  }, [title]);
  return (
    <div className="page">
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
      <Toasts />
    </div>
  );
}
