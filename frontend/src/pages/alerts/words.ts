import { notificationKinds, type Kind } from '../../api/notifications';
import { t } from '../../text';

/** The kinds of notifications, as choices of a form. */
export const kindChoices = (kinds: readonly Kind[] = notificationKinds) =>
  kinds.map((kind) => ({ id: kind, name: t(`alerts.kinds.${kind}`) }));

export const kindsOf = (kinds: readonly Kind[]) => kindChoices(kinds).map(({ name }) => name);
