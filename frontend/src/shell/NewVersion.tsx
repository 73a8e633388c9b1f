/** Offers the new version where the page is not loaded again by itself. */
import { Button } from 'react-aria-components';
import { t } from '../text';

export const NewVersion = () => (
  <Button className="button new-version" data-size="small" onPress={() => window.location.reload()}>
    {t('device.newVersion')}
  </Button>
);
