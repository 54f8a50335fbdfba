/** Every screen of the desk, once: the router, the header's menu and the titles read this list.
    A new screen is one line here and a folder of its own. */
import type { Component } from "vue";

export const GROUPS = [
  { key: "night", zh: "值守", en: "Tonight" },
  { key: "registers", zh: "台账", en: "Registers" },
  { key: "people", zh: "人员", en: "People" },
  { key: "system", zh: "系统", en: "System" },
] as const;
export type Group = (typeof GROUPS)[number]["key"];

export interface DeskPage {
  name: string;
  /** Below /desk. A path with a blank (`:id`) is reached from another screen, so it has no group;
      one that may stay empty (`:ledger?`) is left out where the menu links to it. */
  path: string;
  zh: string;
  en: string;
  /** Where the menu shows it; without one it is not in the menu. */
  group?: Group;
  /** Any one of these is enough; without one everybody who is signed in sees it. */
  permission?: string | readonly string[];
  /** One of the duty officer's few: always in reach beside the menu. */
  isPinned?: boolean;
  /** May be opened before signing in. */
  isOpen?: boolean;
  /** Blanks of the path become properties of the component. */
  props?: boolean;
  component: () => Promise<{ default: Component }>;
}

export const pages: readonly DeskPage[] = [
  { name: "sign-in", path: "/sign-in", zh: "登录", en: "Sign in", isOpen: true, component: () => import("../accounts/SignInPage.vue") },

  { name: "desk", path: "/", zh: "值班台", en: "Duty desk", group: "night", component: () => import("./HomePage.vue") },
  { name: "board", path: "/board", zh: "看板", en: "Board", group: "night", permission: "see_calls", isPinned: true, component: () => import("../board/BoardPage.vue") },
  { name: "map-desk", path: "/map-desk", zh: "地图值班台", en: "Map desk", group: "night", permission: "see_calls", component: () => import("../onemap/DeskPage.vue") },
  { name: "leader", path: "/leader", zh: "带班领导", en: "Leader", group: "night", permission: "approve_alert", component: () => import("../leader/LeaderPage.vue") },
  { name: "township", path: "/township", zh: "乡镇各村", en: "Villages tonight", group: "night", permission: "answer_for_others", component: () => import("../township/TownshipPage.vue") },
  { name: "import", path: "/import", zh: "收预警", en: "Receive a warning", group: "night", permission: "draft_alert", isPinned: true, component: () => import("../alerts/ImportPage.vue") },
  { name: "watch", path: "/watch", zh: "值班", en: "Duty", group: "night", permission: "see_people", isPinned: true, component: () => import("../watch/WatchPage.vue") },
  { name: "sheets", path: "/sheets", zh: "纸质名单", en: "Paper lists", group: "night", permission: "see_households", isPinned: true, component: () => import("../sheets/SheetsPage.vue") },
  { name: "papers", path: "/papers/:callout?", zh: "名单与快报", en: "Lists and reports", group: "night", permission: "see_calls", props: true, component: () => import("../papers/PapersPage.vue") },
  { name: "inquiry", path: "/inquiry", zh: "叫应调查", en: "Inquiry", isOpen: true, component: () => import("../papers/SharedPage.vue") },
  { name: "reach", path: "/reach", zh: "通联", en: "Reach", group: "night", isPinned: true, component: () => import("../reach/ReachPage.vue") },
  { name: "authorisations", path: "/authorisations", zh: "预先授权", en: "Authorisations", group: "night", permission: "see_alerts", component: () => import("../alerts/AuthorisationsPage.vue") },
  { name: "replay", path: "/replay/:night?", zh: "复盘回放", en: "Replay a night", group: "night", permission: ["see_alerts", "see_calls"], props: true, component: () => import("../replay/ReplayPage.vue") },
  { name: "policies", path: "/policies", zh: "叫应规则", en: "Calling rules", group: "night", permission: "see_calls", component: () => import("../policies/PoliciesPage.vue") },
  { name: "alert", path: "/alert/:id", zh: "预警", en: "Warning", props: true, component: () => import("../alerts/AlertPage.vue") },

  { name: "registers", path: "/registers/:ledger?", zh: "台账", en: "Registers", group: "registers", permission: "see_places", component: () => import("../registers/RegistersPage.vue") },
  { name: "imports", path: "/imports/:id?", zh: "导入表格", en: "Bring in a sheet", group: "registers", permission: "edit_registers", component: () => import("../imports/ImportPage.vue") },
  { name: "exports", path: "/exports", zh: "谁导出过", en: "Who exported what", group: "registers", permission: ["edit_registers", "verify_record"], component: () => import("../imports/ExportsPage.vue") },
  { name: "change-sets", path: "/changes", zh: "导入与更改记录", en: "Imports and changes", group: "registers", permission: "edit_registers", component: () => import("../registers/ChangeSetsPage.vue") },
  { name: "map", path: "/map", zh: "县图与定点", en: "Map and placing", group: "registers", permission: "see_places", component: () => import("../onemap/MapPage.vue") },

  { name: "privacy", path: "/privacy", zh: "数据与隐私", en: "Data and privacy", group: "system", permission: ["erase_personal", "verify_record"], component: () => import("../privacy/PrivacyPage.vue") },

  { name: "posts", path: "/posts", zh: "岗位", en: "Posts", group: "people", permission: "see_people", component: () => import("../people/PostsPage.vue") },
  { name: "accounts", path: "/accounts", zh: "账号", en: "Accounts", group: "people", permission: ["manage_accounts", "enrol_people"], component: () => import("../accounts/AccountsPage.vue") },
  { name: "roles", path: "/roles", zh: "角色与登录规则", en: "Roles and rules", group: "system", permission: ["manage_accounts", "enrol_people", "read_sign_ins"], component: () => import("../accounts/RolesPage.vue") },
  { name: "keys", path: "/keys", zh: "接口密钥", en: "Keys for other systems", group: "system", permission: ["make_keys", "manage_accounts"], component: () => import("../accounts/KeysPage.vue") },
  { name: "sign-ins", path: "/sign-ins", zh: "登录审计", en: "Sign-ins", group: "system", permission: "read_sign_ins", component: () => import("../accounts/SignInsPage.vue") },
  { name: "my-sign-in", path: "/my-sign-in", zh: "我的登录", en: "My sign-in", group: "system", component: () => import("../accounts/MySignInPage.vue") },

  { name: "nowhere", path: "/:anything(.*)*", zh: "没有这一页", en: "No such page", isOpen: true, component: () => import("./NowherePage.vue") },
];

export const linkOf = (page: Pick<DeskPage, "path">): string => page.path.replace(/\/:\w+\?/g, "") || "/";

export function mayOpen(page: Pick<DeskPage, "permission">, held: readonly string[]): boolean {
  const wanted = page.permission;
  if (wanted === undefined) return true;
  return (typeof wanted === "string" ? [wanted] : wanted).some((one) => held.includes(one));
}

export interface MenuGroup {
  key: Group;
  zh: string;
  en: string;
  pages: DeskPage[];
}

/** What the menu shows to somebody who holds these permissions; groups that would be empty are left out. */
export function menuFor(held: readonly string[], all: readonly DeskPage[] = pages): MenuGroup[] {
  return GROUPS.map((group) => ({ ...group, pages: all.filter((page) => page.group === group.key && mayOpen(page, held)) })).filter(
    (group) => group.pages.length > 0,
  );
}
