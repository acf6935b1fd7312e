import { Tabs } from '@mantine/core';
import { quarantineQuery, sortedQuery, unmatchedQuery } from '@shared/api/studies';
import type { UnmatchedStudy } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { Empty } from '@shared/states/states';
import { useQuery } from '@tanstack/react-query';
import { Listed } from './listed';
import { Quarantine } from './quarantine';
import { SortedStudy } from './sorted-study';
import { Unmatched } from './unmatched-study';
import { WaitingOrDecided } from './waiting-or-decided';

const keyOf = ({ study }: UnmatchedStudy) => study.id;

export function UnmatchedPage() {
  const studies = useQuery(unmatchedQuery);
  const quarantine = useQuery(quarantineQuery);
  return (
    <Page title="Unmatched images" subtitle="Images that need a person to say whose they are. A decision about a study can be taken back, and for seven days one about quarantine.">
      <Tabs defaultValue="studies" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="studies">Studies without an order{studies.data ? ` (${studies.data.total})` : ''}</Tabs.Tab>
          <Tabs.Tab value="quarantine">Quarantine{quarantine.data ? ` (${quarantine.data.total})` : ''}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="studies">
          <WaitingOrDecided label="Which studies">{{ waiting: <Waiting />, decided: <Decided /> }}</WaitingOrDecided>
        </Tabs.Panel>
        <Tabs.Panel value="quarantine">
          <Quarantine />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Waiting() {
  return (
    <Listed query={useQuery(unmatchedQuery)} scope="unmatched" keyOf={keyOf} nouns={['study', 'studies']} empty={<Empty title="All images have their order" />}>
      {(item, settle) => <Unmatched item={item} onSettled={settle} />}
    </Listed>
  );
}

function Decided() {
  return (
    <Listed query={useQuery(sortedQuery)} scope="sorted" keyOf={keyOf} nouns={['decision', 'decisions']} empty={<Empty title="No decision to take back" />}>
      {(item, settle) => <SortedStudy item={item} onSettled={settle} />}
    </Listed>
  );
}
