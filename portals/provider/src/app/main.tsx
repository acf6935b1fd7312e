import { PortalProviders } from '@shared/theme/portal-providers';
import { ViewerController } from '@shared/viewer/controller';
import { Viewer } from '@shared/viewer/viewer';
import { QueryClient } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';

const viewer = new ViewerController();
const studies = await (await fetch('/dev/studies')).json();
const toListing = (s: any, prior: boolean) => ({ studyInstanceUid: s.studyInstanceUid, label: s.description, date: s.date, prior, series: s.series.map((x: any) => ({ seriesInstanceUid: x.seriesInstanceUid, modality: x.modality, seriesNumber: x.seriesNumber, description: x.seriesDescription, count: x.numberOfFrames, revision: 1 })) });
createRoot(document.getElementById('root')!).render(<PortalProviders queryClient={new QueryClient()}><div style={{height:'100%'}}><Viewer viewer={viewer} /></div></PortalProviders>);
const pick = new URLSearchParams(location.search).get('m') ?? 'CT';
const cur = studies.find((s: any) => s.modality === pick);
void viewer.open(toListing(cur, false)).then(() => pick === 'CT' && viewer.open(toListing(studies.filter((s: any) => s.modality === 'CT')[1], true)));
