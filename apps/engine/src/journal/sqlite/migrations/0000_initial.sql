CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_us` integer NOT NULL,
	`who` text NOT NULL,
	`action` text NOT NULL,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `chain_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `fills` (
	`account` text NOT NULL,
	`symbol` text NOT NULL,
	`trade_id` text NOT NULL,
	`venue_order_id` text NOT NULL,
	`client_order_id` text NOT NULL,
	`side` text NOT NULL,
	`price` text NOT NULL,
	`quantity` text NOT NULL,
	`fee` text NOT NULL,
	`fee_asset` text NOT NULL,
	`liquidity` text NOT NULL,
	`realized_pnl` text,
	`venue_time_us` integer NOT NULL,
	`recovered` integer NOT NULL,
	PRIMARY KEY(`account`, `symbol`, `trade_id`, `venue_order_id`)
);
--> statement-breakpoint
CREATE INDEX `fills_time` ON `fills` (`account`,`venue_time_us`);--> statement-breakpoint
CREATE TABLE `halts` (
	`scope` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`reason` text NOT NULL,
	`by` text NOT NULL,
	`at_us` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `leases` (
	`account` text PRIMARY KEY NOT NULL,
	`engine_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`expires_at_us` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `named_state` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `order_events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`subject` text NOT NULL,
	`subject_id` text NOT NULL,
	`kind` text NOT NULL,
	`payload` text NOT NULL,
	`at_us` integer NOT NULL,
	`previous_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `order_events_subject` ON `order_events` (`account`,`subject`,`subject_id`);--> statement-breakpoint
CREATE TABLE `orders` (
	`account` text NOT NULL,
	`client_order_id` text NOT NULL,
	`symbol` text NOT NULL,
	`venue_order_id` text,
	`status` text NOT NULL,
	`terminal` integer NOT NULL,
	`state` text NOT NULL,
	`updated_at_us` integer NOT NULL,
	PRIMARY KEY(`account`, `client_order_id`)
);
--> statement-breakpoint
CREATE INDEX `orders_open` ON `orders` (`account`,`terminal`);--> statement-breakpoint
CREATE TABLE `positions` (
	`account` text NOT NULL,
	`symbol` text NOT NULL,
	`side` text NOT NULL,
	`state` text NOT NULL,
	`updated_at_us` integer NOT NULL,
	PRIMARY KEY(`account`, `symbol`, `side`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`account` text PRIMARY KEY NOT NULL,
	`boot_id` text NOT NULL,
	`seq` integer NOT NULL
);
