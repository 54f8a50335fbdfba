/** Times and names as the sheets of posts say them. */
import type { PostTonight } from "@fengsui/api";
import { clock, day } from "@fengsui/domain";
import { say } from "@fengsui/ui";

export const when = (at: string): string => `${say(day(at))} ${clock(at)}`;

export const postName = (post: Pick<PostTonight, "place_name" | "title">): string =>
  post.title.includes(post.place_name) ? post.title : `${post.place_name}${post.title}`;
