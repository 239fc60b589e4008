import { messageError, messageRules } from "../../lib/error/message_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("messages", messageRules, messageError);
