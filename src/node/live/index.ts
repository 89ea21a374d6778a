export {
  exportSite,
  liveSite,
  type LiveSiteOptions,
  maxExportBytes,
  type Site,
  siteBytes,
  type SiteDescription,
} from './site';
export { type LiveServer, serveSite } from './serve';
