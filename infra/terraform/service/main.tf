# The service: a Fargate service behind a load balancer. Once, in the control Region, after the module control-table. Nothing is kept here
# that another one in another Region could not go on from.

locals {
  notify = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]
  tables = compact(["${var.target_table_prefix}*", var.live_table])
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/${var.name_prefix}/server"
  retention_in_days = var.log_retention_days
  skip_destroy      = true
}

resource "aws_ecs_cluster" "cluster" {
  name = var.name_prefix

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "server" {
  family                   = var.name_prefix
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu_units
  memory                   = var.memory_mib
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  # Sessions, which may be lost: people sign in again.
  volume {
    name = "sessions"
  }

  container_definitions = jsonencode([{
    name                   = "server"
    image                  = var.image
    essential              = true
    command                = ["serve"]
    user                   = "65532:65532"
    readonlyRootFilesystem = true

    # Open requests get 10 s and restores 20 s to stop where the next server goes on.
    stopTimeout  = 60
    portMappings = [{ containerPort = 8080 }]
    mountPoints  = [{ sourceVolume = "sessions", containerPath = "/var/lib/data-restore" }]

    environment = [
      { name = "DATA_RESTORE_LISTEN", value = "0.0.0.0:8080" },
      { name = "DATA_RESTORE_DATA_DIR", value = "/var/lib/data-restore" },
      { name = "DATA_RESTORE_LOG_FORMAT", value = "json" },
    ]

    secrets = [{ name = "DATA_RESTORE_CONFIG_TEXT", valueFrom = var.configuration_secret_arn }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "server"
      }
    }
  }])
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "${var.name_prefix}-load-balancer-"
  description = "Who reaches the load balancer of AWS Data Restore"
  vpc_id      = var.vpc_id

  ingress {
    description = "people and scripts"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [var.allowed_cidr]
  }

  egress {
    description = "the servers"
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "server" {
  name_prefix = "${var.name_prefix}-server-"
  description = "The servers of AWS Data Restore"
  vpc_id      = var.vpc_id

  ingress {
    description     = "from the load balancer alone"
    protocol        = "tcp"
    from_port       = 8080
    to_port         = 8080
    security_groups = [aws_security_group.load_balancer.id]
  }

  egress {
    description = "the endpoints of AWS in every Region"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "service" {
  name                       = "${var.name_prefix}-lb"
  load_balancer_type         = "application"
  internal                   = var.load_balancer_scheme == "internal"
  subnets                    = var.load_balancer_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true

  # Preflights read whole tables before they answer; the server's own limit is ten minutes.
  idle_timeout = 620
}

resource "aws_lb_target_group" "servers" {
  name                 = "${var.name_prefix}-servers"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 8080
  deregistration_delay = 15

  # Not /readyz: ECS replaces servers that fail here, and a control table that cannot be reached is not cured by that.
  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
    matcher             = "200"
  }

  # Each server knows only its own sessions.
  stickiness {
    enabled         = true
    type            = "lb_cookie"
    cookie_duration = 43200
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.service.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.servers.arn
  }
}

# Needs no sign-in, so it is scraped inside the network, from the servers themselves.
resource "aws_lb_listener_rule" "no_metrics_outside" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {
    path_pattern {
      values = ["/metrics"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
      message_body = "not here"
    }
  }
}

resource "aws_ecs_service" "server" {
  name                               = "server"
  cluster                            = aws_ecs_cluster.cluster.id
  launch_type                        = "FARGATE"
  task_definition                    = aws_ecs_task_definition.server.arn
  desired_count                      = var.server_count
  health_check_grace_period_seconds  = 60
  enable_execute_command             = false
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    assign_public_ip = false
    subnets          = var.service_subnet_ids
    security_groups  = [aws_security_group.server.id]
  }

  load_balancer {
    container_name   = "server"
    container_port   = 8080
    target_group_arn = aws_lb_target_group.servers.arn
  }

  depends_on = [aws_lb_listener.https]
}

locals {
  load_balancer = {
    LoadBalancer = aws_lb.service.arn_suffix
    TargetGroup  = aws_lb_target_group.servers.arn_suffix
  }
}

resource "aws_cloudwatch_metric_alarm" "no_server" {
  alarm_name          = "${var.name_prefix}-no-server"
  alarm_description   = "No server answers. Backups go on by themselves; exports, checks and restores wait for one."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = local.load_balancer
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = local.notify
}

resource "aws_cloudwatch_metric_alarm" "server_fails" {
  alarm_name          = "${var.name_prefix}-server-fails"
  alarm_description   = "Servers answer with faults of their own."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  dimensions          = local.load_balancer
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.server.name
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace     = "DataRestore/${var.name_prefix}"
    name          = "Errors"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name_prefix}-errors"
  alarm_description   = "Servers log errors - passes of the pipeline fail, or restores cannot be recorded."
  namespace           = "DataRestore/${var.name_prefix}"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.notify
}
